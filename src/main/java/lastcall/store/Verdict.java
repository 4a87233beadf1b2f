package lastcall.store;

import java.time.Duration;

/** What a try leaves in the row. The reason is kept there, for people; at most 500 characters. */
public sealed interface Verdict {
  record Sent() implements Verdict {}

  /** The server said never. */
  record Refused(String reason) implements Verdict {}

  /** Tried as often as allowed. */
  record Exhausted(String reason) implements Verdict {}

  /**
   * Due again.
   *
   * @param counted false takes the attempt back
   */
  record Again(Duration delay, boolean counted, String reason) implements Verdict {}
}
