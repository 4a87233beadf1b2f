package lastcall.store;

import java.time.Duration;

/**
 * What a try leaves in the e-mail's row.
 *
 * @param dueIn for a row that stays due
 * @param counted false takes the attempt back
 * @param reason for people, kept in the row; at most 500 characters, "" for none
 */
public record Result(State state, Duration dueIn, boolean counted, String reason) {
  /** The row's column {@code state} holds these in lower case. */
  public enum State {
    DUE,
    SENT,
    /** The server said never. */
    REFUSED,
    /** Tried as often as allowed. */
    EXHAUSTED
  }

  public static Result sent() {
    return new Result(State.SENT, Duration.ZERO, true, "");
  }

  public static Result refused(String reason) {
    return new Result(State.REFUSED, Duration.ZERO, true, reason);
  }

  public static Result exhausted(String reason) {
    return new Result(State.EXHAUSTED, Duration.ZERO, true, reason);
  }

  /** To be tried again, and the attempt counts. */
  public static Result again(Duration dueIn, String reason) {
    return new Result(State.DUE, dueIn, true, reason);
  }

  /** Due at once, and the attempt does not count. */
  public static Result givenBack(String reason) {
    return new Result(State.DUE, Duration.ZERO, false, reason);
  }

  Result withoutReason() {
    return new Result(state, dueIn, counted, "");
  }
}
