package lastcall.store;

import java.time.Duration;
import java.util.Locale;

/**
 * What a try leaves in the e-mail's row.
 *
 * @param dueIn for a row that stays due
 * @param counted false takes the attempt back
 * @param unknown the final dot was sent, and no answer came
 * @param reason for people, kept in the row; at most 500 characters, "" for none
 */
public record Result(State state, Duration dueIn, boolean counted, boolean unknown, String reason) {
  /** The row's column {@code state} holds these in lower case. */
  public enum State {
    DUE,
    SENT,
    /** The server said never. */
    REFUSED,
    /** Tried as often as allowed. */
    EXHAUSTED,
    /** The final dot went unanswered as often as allowed: the server may have taken it. */
    UNCONFIRMED
  }

  public static Result sent() {
    return new Result(State.SENT, Duration.ZERO, true, false, "");
  }

  public static Result refused(String reason) {
    return new Result(State.REFUSED, Duration.ZERO, true, false, reason);
  }

  public static Result exhausted(String reason) {
    return new Result(State.EXHAUSTED, Duration.ZERO, true, false, reason);
  }

  /** To be tried again, and the attempt counts. */
  public static Result again(Duration dueIn, String reason) {
    return new Result(State.DUE, dueIn, true, false, reason);
  }

  /** To be tried again although the server may have taken it. */
  public static Result unknown(Duration dueIn, String reason) {
    return new Result(State.DUE, dueIn, true, true, reason);
  }

  /**
   * @param unknown whether this try was one more of them
   */
  public static Result unconfirmed(boolean unknown, String reason) {
    return new Result(State.UNCONFIRMED, Duration.ZERO, true, unknown, reason);
  }

  /** To be tried again, and the attempt does not count. */
  public static Result givenBack(Duration dueIn, String reason) {
    return new Result(State.DUE, dueIn, false, false, reason);
  }

  /** As the statement takes it that records results. */
  Object[] row(String id, String owner) {
    String to = state.name().toLowerCase(Locale.ROOT);
    String kept = reason.replace('\0', ' '); // PostgreSQL takes none
    int takenBack = counted ? 0 : 1;
    return Sql.row(dueIn.toMillis(), to, takenBack, unknown ? 1 : 0, kept, to, id, owner);
  }

  Result withoutReason() {
    return new Result(state, dueIn, counted, unknown, "");
  }
}
