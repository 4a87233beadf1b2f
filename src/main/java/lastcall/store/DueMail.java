package lastcall.store;

import org.jspecify.annotations.Nullable;

/**
 * A claimed e-mail.
 *
 * @param id its Message-ID
 * @param attempts this one included
 * @param unknowns how often its final dot has gone unanswered
 * @param kind the name of its kind
 * @param data what it says, a line for each of the kind's fields
 * @param trace W3C trace context of the sign-up's request, if it had one
 * @param storedAt System.nanoTime() when its sign-up was committed; one that was stored by another
 *     process, or waited in the outbox, has it by the database's clock
 */
public record DueMail(
    String id,
    int attempts,
    int unknowns,
    String kind,
    String email,
    String data,
    @Nullable String trace,
    long storedAt) {
  /** For the log. */
  public @Nullable String traceId() {
    return trace == null ? null : trace.substring(3, 35);
  }

  @Override
  public String toString() {
    return "DueMail[" + id + ", attempts=" + attempts + "]"; // without address and data
  }
}
