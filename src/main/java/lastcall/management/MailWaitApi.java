package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.admin.MaskedText;
import lastcall.catcher.CaughtMail;
import lastcall.catcher.MailFile;
import lastcall.catcher.MailWait;
import lastcall.catcher.MailWait.Since;
import lastcall.catcher.Mailbox;
import lastcall.http.ClientWatch;
import lastcall.http.ProblemDetails;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an e-mail, for other people's tests: {@code curl
 * 'localhost:8081/api/mailbox/wait?to=ann@example.org&timeout=10s'}. It waits on the request's own
 * thread, which a client that leaves and the end of the mailbox set free.
 */
final class MailWaitApi implements HttpFeature {
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final Duration USUAL = Duration.ofSeconds(10);
  private static final Pattern TIMEOUT = Pattern.compile("(\\d{1,5})(ms|s)");

  private final Pages pages;
  private final Mailbox mailbox;
  private final MailboxView view;

  MailWaitApi(Pages pages, Mailbox mailbox) {
    this.pages = pages;
    this.mailbox = mailbox;
    this.view = new MailboxView(mailbox);
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/api/mailbox/wait", this::await);
  }

  private void await(ServerRequest request, ServerResponse response) throws InterruptedException {
    String to = MailboxView.query(request, "to");
    Duration timeout = timeout(MailboxView.query(request, "timeout"));
    Since since = since(MailboxView.query(request, "since"));
    if (to.isEmpty()) {
      wrong("to must be the address that the e-mail goes to").send(request, response);
    } else if (timeout == null) {
      wrong("timeout must be from 0s to 60s, such as 10s or 500ms").send(request, response);
    } else if (since == null) {
      wrong("since must be an instant such as 2026-11-26T14:00:00Z, or the id of an e-mail here")
          .send(request, response);
    } else {
      try (MailWait wait = mailbox.waitFor(to, since)) {
        await(wait, timeout, request, response);
      }
    }
  }

  private static ProblemDetails wrong(String detail) {
    return new ProblemDetails(Status.BAD_REQUEST_400, "invalid-query", detail);
  }

  private static @Nullable Duration timeout(String text) {
    Matcher parts = TIMEOUT.matcher(text);
    if (!parts.matches()) {
      return text.isEmpty() ? USUAL : null;
    }
    long amount = Long.parseLong(parts.group(1));
    Duration timeout =
        parts.group(2).equals("s") ? Duration.ofSeconds(amount) : Duration.ofMillis(amount);
    return timeout.compareTo(MOST) <= 0 ? timeout : null;
  }

  private @Nullable Since since(String text) {
    if (text.isEmpty()) {
      return Since.EVER;
    }
    MailFile mail = mailbox.find(text);
    if (mail != null) {
      return Since.after(mail);
    }
    try {
      return Since.from(Instant.parse(text));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private void await(
      @Nullable MailWait wait, Duration timeout, ServerRequest request, ServerResponse response)
      throws InterruptedException {
    if (wait == null) {
      new ProblemDetails(
              Status.SERVICE_UNAVAILABLE_503,
              "too-many-waits",
              "at most " + Mailbox.MAX_WAITS + " requests may wait at a time")
          .send(request, response);
      return;
    }
    ClientWatch.begin(request, response, wait::clientLeft);
    switch (wait.await(timeout)) {
      case MailWait.End.Came(MailFile mail) -> came(mail, request, response);
      case MailWait.End.TimedOut() -> timedOut(timeout).send(request, response);
      case MailWait.End.ClientLeft() -> timedOut(timeout).send(request, response); // to nobody
      case MailWait.End.Stopping() -> ProblemDetails.stopping(response).send(request, response);
    }
  }

  /** Not 408, after which some clients and proxies send the request again by themselves. */
  private static ProblemDetails timedOut(Duration timeout) {
    return new ProblemDetails(
        Status.NOT_FOUND_404,
        "no-mail-came",
        "no e-mail that counts came to this address within " + timeout.toMillis() + " ms");
  }

  private void came(MailFile file, ServerRequest request, ServerResponse response) {
    byte[] source = mailbox.source(file);
    if (source == null) {
      MailboxView.gone(request, response);
      return;
    }
    UnaryOperator<String> mask = MaskedText.unless(pages.addresses(request));
    pages.json(request, response, view.whole(file, CaughtMail.of(source), mask));
  }
}
