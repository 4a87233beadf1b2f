package lastcall.store;

import org.jspecify.annotations.Nullable;

/**
 * A claimed e-mail.
 *
 * @param id its Message-ID
 * @param attempts this one included
 * @param unknowns how often its final dot has gone unanswered
 * @param trace W3C trace context of the sign-up's request, if it had one
 */
public record DueMail(
    String id, int attempts, int unknowns, String email, String name, @Nullable String trace) {
  /** For the log. */
  public @Nullable String traceId() {
    return trace == null ? null : trace.substring(3, 35);
  }

  @Override
  public String toString() {
    return "DueMail[" + id + ", attempts=" + attempts + "]"; // without address and name
  }
}
