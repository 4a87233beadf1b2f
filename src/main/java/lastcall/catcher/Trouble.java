package lastcall.catcher;

import java.time.Duration;

/**
 * How the mail server behaves badly, to see how its clients bear it.
 *
 * @param delay before each answer to a final dot
 * @param at where the kind shows
 * @param reply with which it refuses, such as {@code 451 4.7.1 greylisted}; one that begins with
 *     421 ends the conversation
 * @param share of the occasions at which it happens, 1 for all of them
 * @param next it is over after so many; 0 for no end
 */
public record Trouble(Duration delay, Step at, Kind kind, String reply, double share, int next) {
  public static final Trouble NONE = delay(Duration.ZERO);

  /** Where a client waits for an answer. */
  public enum Step {
    CONNECT,
    RCPT,
    DOT,
    /** At each of them. */
    ANY
  }

  /** What a client gets there. A refused e-mail is not kept. */
  public enum Kind {
    /** Nothing but the delay. */
    NOTHING,
    REFUSE,
    /** At the dot the e-mail is kept, and only the answer is lost: it will come twice. */
    SILENCE,
    /** As silence, but the client sees at once that the connection is gone. */
    DROP
  }

  public static Trouble delay(Duration delay) {
    return new Trouble(delay, Step.DOT, Kind.NOTHING, "", 1, 0);
  }

  /** The same delay, and refuses this share. */
  public Trouble refusing(Step step, String withReply, double ofAll) {
    return new Trouble(delay, step, Kind.REFUSE, withReply, ofAll, 0);
  }

  Trouble next(int count) {
    return new Trouble(delay, at, kind, reply, share, count);
  }

  boolean isAt(Step step) {
    return kind != Kind.NOTHING && (at == step || at == Step.ANY);
  }

  Answer answer() {
    return switch (kind) {
      case NOTHING -> throw new IllegalStateException("no trouble");
      case REFUSE -> Answer.line(reply);
      case SILENCE -> new Answer.Silence();
      case DROP -> new Answer.Drop();
    };
  }
}
