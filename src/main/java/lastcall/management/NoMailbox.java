package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import lastcall.http.ProblemDetails;

/** In the mailbox's place where another mail server is in use. */
final class NoMailbox implements HttpFeature {
  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.any("/mailbox", NoMailbox::answer);
    routing.any("/mailbox/*", NoMailbox::answer);
    routing.any("/api/mailbox", NoMailbox::answer);
    routing.any("/api/mailbox/*", NoMailbox::answer);
  }

  private static void answer(ServerRequest request, ServerResponse response) {
    new ProblemDetails(
            Status.NOT_FOUND_404,
            "no-embedded-mail",
            "there is a mailbox with smtp.host=embedded only; here e-mails go to a mail server")
        .send(request, response);
  }
}
