package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.Map;
import java.util.function.UnaryOperator;
import lastcall.admin.MaskedText;
import lastcall.catcher.CaughtMail;
import lastcall.catcher.EmbeddedMail;
import lastcall.catcher.MailFile;
import lastcall.catcher.Mailbox;
import lastcall.catcher.Trouble;
import lastcall.http.ProblemDetails;
import lastcall.http.RequestBodies;

/**
 * What the embedded mail server caught, as JSON, and its trouble: {@code curl
 * localhost:8081/api/mailbox}. docs/mailbox.md has an example of each call.
 */
final class MailboxApi implements HttpFeature {
  private static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");

  private final Pages pages;
  private final EmbeddedMail mail;
  private final Mailbox mailbox;
  private final MailboxView view;
  private final MailboxActions actions;
  private final FewReaders few;

  MailboxApi(Pages pages, EmbeddedMail mail, FewReaders few) {
    this.few = few;
    this.pages = pages;
    this.mail = mail;
    this.mailbox = mail.mailbox();
    this.view = new MailboxView(mailbox);
    this.actions = new MailboxActions(pages.access(), mail);
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/api/mailbox", this::list);
    routing.delete("/api/mailbox", this::deleteAll);
    routing.get("/api/mailbox/trouble", this::trouble);
    routing.put("/api/mailbox/trouble", this::makeTrouble);
    routing.delete("/api/mailbox/trouble", this::endTrouble);
    routing.get("/api/mailbox/{id}", few.with(this::one));
    routing.delete("/api/mailbox/{id}", this::delete);
  }

  private void list(ServerRequest request, ServerResponse response) {
    UnaryOperator<String> mask = MaskedText.unless(pages.addresses(request));
    Map<String, Object> tree =
        view.list(MailboxView.before(request), MailboxView.query(request, "to"), mask);
    tree.put("trouble", TroubleFields.tree(mail.trouble().now()));
    pages.json(request, response, tree);
  }

  private void one(ServerRequest request, ServerResponse response) {
    MailFile file = mailbox.find(request.path().pathParameters().get("id"));
    byte[] source = file == null ? null : mailbox.source(file);
    if (file == null || source == null) {
      MailboxView.gone(request, response);
      return;
    }
    UnaryOperator<String> mask = MaskedText.unless(pages.addresses(request));
    pages.json(request, response, view.whole(file, CaughtMail.of(source), mask));
  }

  private void delete(ServerRequest request, ServerResponse response) throws IOException {
    MailFile file = mailbox.find(request.path().pathParameters().get("id"));
    if (file == null || !actions.delete(file, request)) {
      MailboxView.gone(request, response);
      return;
    }
    response.status(Status.NO_CONTENT_204).send();
  }

  private void deleteAll(ServerRequest request, ServerResponse response) throws IOException {
    pages.json(request, response, Map.of("deleted", actions.deleteAll(request)));
  }

  private void trouble(ServerRequest request, ServerResponse response) {
    pages.json(request, response, TroubleFields.tree(mail.trouble().now()));
  }

  private void makeTrouble(ServerRequest request, ServerResponse response) {
    Map<String, String> given = FlatJson.parse(RequestBodies.read(request));
    if (given == null) {
      new ProblemDetails(
              Status.BAD_REQUEST_400, "malformed-json", "send a JSON object of text and numbers")
          .send(request, response);
      return;
    }
    TroubleFields fields = new TroubleFields(given);
    Trouble trouble = fields.trouble();
    if (!fields.errors().isEmpty()) {
      new ProblemDetails(UNPROCESSABLE, "invalid-fields", "see errors", fields.errors())
          .send(request, response);
      return;
    }
    actions.set(trouble, request);
    trouble(request, response);
  }

  private void endTrouble(ServerRequest request, ServerResponse response) {
    actions.set(Trouble.NONE, request);
    trouble(request, response);
  }
}
