package lastcall.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import lastcall.http.ProblemDetails;

/**
 * A request that is refused because its client, or the recipient of its e-mail, has had enough.
 *
 * @param retryAfter until the next one is taken
 */
record Limited(Reason reason, Duration retryAfter) {
  enum Reason {
    CLIENT("client-limit", "too many sign-ups came from your network"),
    REQUESTS("request-limit", "too many requests of your network are open at once"),
    RECIPIENT("recipient-limit", "too many sign-ups came for this mailbox");

    private final String slug;
    private final String detail;

    Reason(String slug, String detail) {
      this.slug = slug;
      this.detail = detail;
    }
  }

  /** The problem to answer with. It also sets Retry-After. */
  ProblemDetails problem(ServerResponse response) {
    response.header(HeaderNames.RETRY_AFTER, Long.toString(seconds()));
    return new ProblemDetails(Status.TOO_MANY_REQUESTS_429, reason.slug, reason.detail);
  }

  /** For people. */
  String words() {
    long seconds = seconds();
    String wait =
        seconds < 100
            ? seconds + " seconds"
            : seconds < 6_000
                ? (seconds + 59) / 60 + " minutes"
                : (seconds + 3599) / 3600 + " hours";
    return "It can't be taken now, because " + reason.detail + ". Try again in " + wait + ".";
  }

  /** Rounded up: a client that comes back then is not refused for the same reason. */
  private long seconds() {
    return Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
  }
}
