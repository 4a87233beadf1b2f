package lastcall.management;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import lastcall.log.EventLog;

/**
 * Answers with a page or with JSON. A page is a template, {@code NAME.html} beside the layout, and
 * data for it; the layout adds the menu, and what has to be seen on every page.
 */
final class Pages {
  private static final EventLog LOG = EventLog.of(Pages.class);

  private final Access access;
  private final Supplier<Map<String, Object>> everywhere;
  private final Map<String, Template> templates = new ConcurrentHashMap<>();
  private final Mustache.Compiler mustache =
      Mustache.compiler().defaultValue("").emptyStringIsFalse(true).withLoader(Pages::resource);

  /**
   * @param everywhere data for the layout: {@code paused}, {@code stopping}, {@code mailbox}
   */
  Pages(Access access, Supplier<Map<String, Object>> everywhere) {
    this.access = access;
    this.everywhere = everywhere;
  }

  Access access() {
    return access;
  }

  /**
   * @param template its name; a module of this name in assets makes the page live, if {@code
   *     data.live} is true
   */
  void html(
      ServerRequest request,
      ServerResponse response,
      String template,
      String title,
      Map<String, ?> data) {
    Map<String, Object> all = new HashMap<>(everywhere.get());
    all.put("read_only", access.readOnly());
    all.put("actions", !access.readOnly());
    all.put("form_token", access.secrets().formToken());
    all.put("login", access.secrets().needed());
    all.put("title", title);
    all.put("here_" + template.replaceFirst("-.*", ""), true);
    all.putAll(data);
    String content = template(template + ".html").execute(all);
    all.put("content", content);
    send(request, response, "text/html; charset=UTF-8", template("layout.html").execute(all));
  }

  void json(ServerRequest request, ServerResponse response, Object tree) {
    String json = new String(Tree.json(tree), StandardCharsets.UTF_8);
    send(request, response, "application/json", json);
  }

  /** For terminals: a template without a layout. */
  void text(ServerRequest request, ServerResponse response, String template, Map<String, ?> data) {
    String text = mustache.escapeHTML(false).compile(resource(template + ".txt")).execute(data);
    send(request, response, "text/plain; charset=UTF-8", text);
  }

  private static void send(
      ServerRequest request, ServerResponse response, String type, String content) {
    response.header(HeaderNames.CONTENT_TYPE, type);
    byte[] body = content.getBytes(StandardCharsets.UTF_8);
    response.send(request.prologue().method().equals(Method.HEAD) ? new byte[0] : body);
  }

  /** Whether addresses are shown whole: only where they are asked for, and that is logged. */
  boolean addresses(ServerRequest request) {
    boolean whole = request.query().first("addresses").filter("show"::equals).isPresent();
    if (whole) {
      LOG.info("addresses shown who=%s path=%s", access.who(request), request.path().rawPath());
    }
    return whole;
  }

  private Template template(String name) {
    return templates.computeIfAbsent(name, each -> mustache.compile(resource(each)));
  }

  private static Reader resource(String name) {
    InputStream in = Pages.class.getResourceAsStream("/lastcall/management/" + name);
    return new InputStreamReader(Objects.requireNonNull(in, name), StandardCharsets.UTF_8);
  }

  /** One of our own files in assets, null if there is none. */
  static byte[] asset(String name) throws IOException {
    String path = "/lastcall/management/assets/" + name;
    try (InputStream in =
        name.matches("[a-z-]+[.](css|js)") ? Pages.class.getResourceAsStream(path) : null) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }
}
