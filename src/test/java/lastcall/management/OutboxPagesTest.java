package lastcall.management;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.admin.OutboxAdmin;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The outbox by pages and by JSON, as browsers and scripts see it. */
final class OutboxPagesTest {
  private static final String FORM = "\r\nContent-Type: application/x-www-form-urlencoded";

  @TempDir Path directory;
  private Database database;
  private TestDatabase sql;
  private OutboxAdmin admin;
  private int port;

  @BeforeEach
  void serve() throws Exception {
    AppConfig.Store store = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    database = Database.open(store, StoreListener.NONE);
    sql = new TestDatabase(store);
    admin = new OutboxAdmin(store);
    serve(false);
    for (String name : List.of("ann", "bob", "cyd")) {
      TestDatabase.signups(database).insert(TestDatabase.user(name));
    }
    sql.execute(
        "UPDATE outbox SET state = 'refused', ended_at = 5, attempts = 1,"
            + " last_error = 'RCPT 550 <b>no</b>' WHERE id <> 'mail-cyd'");
    sql.execute(
        "INSERT INTO attempts VALUES ('mail-ann', 1, 2, 5, 'inst-1', 'refused', 'RCPT 451 4.7.1')");
    sql.execute(
        "UPDATE outbox SET traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'");
  }

  private void serve(boolean readOnly) {
    AppConfig.Management config = new AppConfig.Management("127.0.0.1", 0, null, readOnly);
    Access access = new Access(config);
    Pages pages = new Pages(access, Map::of);
    ManagementServer server =
        new ManagementServer(
            config,
            Duration.ofSeconds(5),
            () -> Readiness.READY,
            () -> Readiness.READY,
            () -> true,
            access,
            List.of(new OutboxPages(pages, admin), new OutboxApi(pages, admin)));
    server.start();
    port = server.port();
  }

  @AfterEach
  void close() throws Exception {
    admin.close();
    sql.close();
    assertTrue(database.close(Duration.ofSeconds(20)), "the writer hangs");
  }

  private String ask(String method, String path, String body) throws IOException {
    try (Socket client = new Socket("127.0.0.1", port)) {
      client.setSoTimeout(30_000);
      String form = body.isEmpty() ? "" : FORM + "\r\nContent-Length: " + body.length();
      String head = method + " " + path + " HTTP/1.1\r\nHost: localhost:" + port + form;
      client
          .getOutputStream()
          .write((head + "\r\nConnection: close\r\n\r\n" + body).getBytes(UTF_8));
      return new String(client.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private String get(String path) throws IOException {
    return ask("GET", path, "");
  }

  private static void assertHas(String part, String text) {
    assertTrue(text.contains(part), () -> part + " is not in: " + text);
  }

  private String token() throws IOException {
    Matcher token =
        Pattern.compile("name=\"form_token\" value=\"([^\"]+)\"").matcher(get("/outbox"));
    assertTrue(token.find());
    return "form_token=" + token.group(1);
  }

  @Test
  void showsWhatIsThere() throws Exception {
    String list = get("/outbox?state=refused");
    assertHas("<a href=\"/outbox/mail-ann\">", list);
    assertHas("a…@e….org", list);
    assertHas("RCPT 550 &lt;b&gt;no&lt;/b&gt;", list);
    assertFalse(list.contains("mail-cyd"), list);
    assertHas("ann@example.org", get("/outbox?state=refused&addresses=show"));
    assertHas("after=5:mail-bob\">Older ones", get("/outbox?state=refused&limit=1"));
    assertHas("No e-mail matches", get("/outbox?id=nobody"));
    String mail = get("/outbox/mail-ann");
    assertHas("RCPT 451 4.7.1", mail);
    assertHas("inst-1", mail);
    assertHas("0af7651916cd43dd8448eb211c80319c<", mail);
    assertHas("HTTP/1.1 404", get("/outbox/nobody"));
    assertHas("HTTP/1.1 400", get("/outbox?state=odd"));
    assertHas("\"tries\":2", get("/api/outbox/mail-ann"));
    assertHas("\"refused\":2", get("/api/outbox?state=due"));
  }

  /** The number first, then the action. */
  @Test
  void sendsAgainAllThatMatch() throws Exception {
    String confirm = get("/outbox/confirm/retry?state=refused");
    assertHas("<strong>2 e-mails</strong>", confirm);
    assertHas("HTTP/1.1 403", ask("POST", "/outbox/retry", "state=refused"));
    assertHas("HTTP/1.1 400", ask("POST", "/outbox/retry", token() + "&state="));
    String done = ask("POST", "/outbox/retry", token() + "&state=refused");
    assertHas("Location: /outbox?state=refused&done=2&more=false", done);
    assertHas("Done with 2 e-mails", get("/outbox?state=refused&done=2&more=false"));
    assertEquals("due null 0", sql.mail("ann"));
    assertHas("HTTP/1.1 303", ask("POST", "/outbox/cancel", token() + "&id=mail-cyd"));
    assertEquals("cancelled null 0", sql.mail("cyd"));
    String again = ask("POST", "/outbox/cancel", token() + "&id=mail-cyd");
    assertHas("HTTP/1.1 409", again);
    assertHas("Not done: it is cancelled", again);
  }

  @Test
  void jsonDoesTheSame() throws Exception {
    String dry = ask("POST", "/api/outbox/retry", "state=refused&dry_run=true");
    assertHas("{\"dry_run\":true,\"mails\":2,\"more\":false}", dry);
    assertHas("HTTP/1.1 400", ask("POST", "/api/outbox/retry", ""));
    assertHas("\"mails\":2", ask("POST", "/api/outbox/retry?state=refused", ""));
    assertEquals("due null 0", sql.mail("ann"));
    assertHas("HTTP/1.1 409", ask("POST", "/api/outbox/retry?id=mail-ann", ""));
    assertHas("HTTP/1.1 404", ask("POST", "/api/outbox/cancel?id=x", ""));
    assertHas("\"state\":\"cancelled\"", ask("POST", "/api/outbox/cancel", "id=mail-ann"));
    assertHas("\"by\":\"local@127.0.0.1\"", ask("POST", "/api/outbox/pause?for=2h", ""));
    assertHas("HTTP/1.1 400", ask("POST", "/api/outbox/pause?until=2001-01-01T00:00:00Z", ""));
    assertHas("\"pause\":null", ask("POST", "/api/outbox/resume", ""));
  }

  @Test
  void pausesAndResumes() throws Exception {
    assertHas("HTTP/1.1 303", ask("POST", "/outbox/pause", token() + "&for="));
    assertHas("until somebody resumes it", get("/outbox"));
    assertHas("HTTP/1.1 303", ask("POST", "/outbox/resume", token()));
    assertHas("Pause delivery", get("/outbox"));
  }

  @Test
  void readOnlyOffersAndDoesNothing() throws Exception {
    serve(true);
    for (String path : List.of("/outbox?state=refused", "/outbox/mail-ann")) {
      String page = get(path);
      assertHas("HTTP/1.1 200", page);
      assertFalse(page.contains("method=\"post\""), page);
    }
    assertHas("HTTP/1.1 403", ask("POST", "/api/outbox/retry?state=refused", ""));
    assertEquals("refused null 1", sql.mail("ann"));
  }
}
