package lastcall.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.util.List;
import java.util.regex.Pattern;
import lastcall.log.EventLog;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.jspecify.annotations.Nullable;

/**
 * W3C Trace Context: the caller's trace, which the e-mail's row keeps, so that the log lines of
 * each attempt can be found by it. Nothing is exported.
 */
final class TraceContext {
  private static final EventLog LOG = EventLog.of(TraceContext.class);
  private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");

  /** Version 00: the ids of the trace and of the caller's span, neither all zeros, and flags. */
  private static final Pattern VALID =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private TraceContext() {}

  /** Null if there is none that is valid: as the standard wants, a wrong one is ignored. */
  static @Nullable String of(Headers headers) {
    List<String> given = headers.all(TRACEPARENT, List::of);
    return given.size() == 1 && VALID.matcher(given.getFirst()).matches() ? given.getFirst() : null;
  }

  /** A line only for a request that is traced, since one for each would cost throughput. */
  static SignupOutcome tell(SignupRequest request, SignupOutcome outcome) {
    String trace = request.traceparent();
    if (trace != null) {
      String user = outcome instanceof SignupOutcome.Accepted(var accepted) ? accepted.id() : null;
      String what =
          switch (outcome) {
            case SignupOutcome.Accepted accepted -> "accepted";
            case SignupOutcome.AddressTaken() -> "address-taken";
            case SignupOutcome.KeyReused() -> "key-reused";
            case SignupOutcome.Stopping() -> "stopping";
            case SignupOutcome.Unavailable unavailable -> "unavailable";
          };
      LOG.info(
          "sign-up answered outcome=%s user=%s trace_id=%s", what, user, trace.substring(3, 35));
    }
    return outcome;
  }
}
