package lastcall.management;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import lastcall.admin.MaskedText;
import lastcall.catcher.CaughtMail;
import lastcall.catcher.EmbeddedMail;
import lastcall.catcher.MailFile;
import lastcall.catcher.Mailbox;
import lastcall.catcher.Trouble;
import lastcall.http.ProblemDetails;
import lastcall.http.ProblemDetails.FieldError;
import org.jspecify.annotations.Nullable;

/** What the embedded mail server caught, for people, and its trouble. */
final class MailboxPages implements HttpFeature {
  private static final HeaderName CSP = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName PREFETCH = HeaderNames.create("X-DNS-Prefetch-Control");
  private static final HeaderName REFERRER = HeaderNames.create("Referrer-Policy");

  /** No script runs, and nothing is fetched: the HTML has its own images in it as data. */
  private static final String HTML_ALONE =
      "default-src 'none'; img-src data: cid:; style-src 'unsafe-inline'; sandbox;"
          + " frame-ancestors 'self'";

  private final Pages pages;
  private final EmbeddedMail mail;
  private final Mailbox mailbox;
  private final MailboxView view;
  private final MailboxActions actions;
  private final FewReaders few;

  /** An e-mail that a request names and that is there. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Opened(MailFile file, byte[] source, boolean shown) {
    UnaryOperator<String> mask() {
      return MaskedText.unless(shown);
    }

    CaughtMail mail() {
      return CaughtMail.of(source);
    }
  }

  MailboxPages(Pages pages, EmbeddedMail mail, FewReaders few) {
    this.few = few;
    this.pages = pages;
    this.mail = mail;
    this.mailbox = mail.mailbox();
    this.view = new MailboxView(mailbox);
    this.actions = new MailboxActions(pages.access(), mail);
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/mailbox", (request, response) -> list(request, response, List.of()));
    routing.post("/mailbox", this::act);
    routing.get("/mailbox/{id}", few.with(this::one));
    routing.post("/mailbox/{id}", this::delete);
    routing.get("/mailbox/{id}/html", few.with(this::html));
    routing.get("/mailbox/{id}/source", few.with(this::source));
    routing.get("/mailbox/{id}/attachments/{number}", few.with(this::attachment));
  }

  private void list(ServerRequest request, ServerResponse response, List<FieldError> errors) {
    boolean shown = pages.addresses(request);
    boolean edit = request.query().contains("trouble") || !errors.isEmpty();
    long before = MailboxView.before(request);
    String to = MailboxView.query(request, "to");
    Map<String, Object> model = view.list(before, to, MaskedText.unless(shown));
    List<?> mails = (List<?>) Objects.requireNonNull(model.get("mails"));
    mails.forEach(each -> forPeople(each));
    model.put("search", to);
    model.put("to", encoded(to));
    model.put("show", shown);
    model.put("older", model.get("next") != null);
    model.put("first", before == Long.MAX_VALUE);
    model.put("none", mails.isEmpty());
    model.put("trouble", TroubleFields.tree(mail.trouble().now()));
    model.put("edit", edit);
    model.put("errors", errors);
    // A form must not change under its user, and each look at whole addresses is logged.
    model.put("live", before == Long.MAX_VALUE && !edit && !shown);
    pages.html(request, response, "mailbox", "Mailbox", model);
  }

  @SuppressWarnings("unchecked")
  private static void forPeople(Object each) {
    Map<String, Object> summary = (Map<String, Object>) each;
    summary.put("path", encoded(String.valueOf(summary.get("id"))));
    summary.put("outbox", encoded(String.valueOf(summary.get("message_id"))));
    summary.put("twice", !Objects.equals(summary.get("copies"), 1));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20");
  }

  private void act(ServerRequest request, ServerResponse response) throws IOException {
    Map<String, String> form = new HashMap<>(pages.access().form(request));
    form.remove("form_token");
    String action = form.remove("action");
    if ("delete-all".equals(action)) {
      actions.deleteAll(request);
    } else if ("end-trouble".equals(action)) {
      actions.set(Trouble.NONE, request);
    } else {
      TroubleFields fields = new TroubleFields(form);
      Trouble trouble = fields.trouble();
      if (!fields.errors().isEmpty()) {
        response.status(Status.create(422, "Unprocessable Content"));
        list(request, response, fields.errors());
        return;
      }
      actions.set(trouble, request);
    }
    back(response);
  }

  private static void back(ServerResponse response) {
    response.header(HeaderNames.LOCATION, "/mailbox");
    response.status(Status.SEE_OTHER_303).send();
  }

  /** The e-mail that the path names; null if there is none, which is answered then. */
  private @Nullable Opened open(ServerRequest request, ServerResponse response) {
    MailFile file = mailbox.find(request.path().pathParameters().get("id"));
    byte[] source = file == null ? null : mailbox.source(file);
    if (file == null || source == null) {
      MailboxView.gone(request, response);
      return null;
    }
    return new Opened(file, source, pages.addresses(request));
  }

  private void one(ServerRequest request, ServerResponse response) {
    Opened opened = open(request, response);
    if (opened == null) {
      return;
    }
    CaughtMail caught = opened.mail();
    Map<String, Object> model = view.whole(opened.file(), caught, opened.mask());
    forPeople(model);
    model.put("show", opened.shown());
    model.put("has_text", caught.text() != null);
    model.put("has_html", caught.html() != null);
    model.put("any_attachments", !caught.attachments().isEmpty());
    if (caught.broken() != null || (caught.text() == null && caught.html() == null)) {
      model.put("as_received", opened.mask().apply(new String(opened.source(), ISO_8859_1)));
    }
    String subject = String.valueOf(model.get("subject"));
    String title = subject.isEmpty() ? "E-mail without a subject" : subject;
    pages.html(request, response, "mailbox-mail", title, model);
  }

  private void delete(ServerRequest request, ServerResponse response) throws IOException {
    pages.access().form(request);
    MailFile file = mailbox.find(request.path().pathParameters().get("id"));
    if (file == null || !actions.delete(file, request)) {
      MailboxView.gone(request, response);
      return;
    }
    back(response);
  }

  private void html(ServerRequest request, ServerResponse response) {
    Opened opened = open(request, response);
    if (opened != null) {
      response.header(CSP, HTML_ALONE);
      response.header(PREFETCH, "off");
      response.header(REFERRER, "no-referrer");
      response.header(HeaderNames.CONTENT_TYPE, "text/html; charset=UTF-8");
      response.send(MailboxView.html(opened.mail(), opened.mask()).getBytes(UTF_8));
    }
  }

  private void source(ServerRequest request, ServerResponse response) {
    Opened opened = open(request, response);
    if (opened != null) {
      response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=UTF-8");
      String text = new String(opened.source(), UTF_8);
      byte[] masked = opened.mask().apply(text).getBytes(UTF_8);
      response.send(opened.shown() ? opened.source() : masked); // byte for byte, if whole
    }
  }

  private void attachment(ServerRequest request, ServerResponse response) {
    Opened opened = open(request, response);
    if (opened == null) {
      return;
    }
    if (!opened.shown()) {
      new ProblemDetails(
              Status.FORBIDDEN_403,
              "addresses-inside",
              "addresses in an attachment can't be masked: add ?addresses=show, which is logged")
          .send(request, response);
      return;
    }
    String number = request.path().pathParameters().get("number");
    for (CaughtMail.Attachment each : opened.mail().attachments()) {
      if (number.equals("" + each.number())) {
        String name = each.name().isEmpty() ? "attachment-" + each.number() : each.name();
        response.header(
            HeaderNames.CONTENT_DISPOSITION, "attachment; filename*=UTF-8''" + encoded(name));
        response.header(HeaderNames.CONTENT_TYPE, "application/octet-stream");
        response.send(each.bytes());
        return;
      }
    }
    MailboxView.gone(request, response);
  }
}
