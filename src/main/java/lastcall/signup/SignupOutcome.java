package lastcall.signup;

import java.time.Duration;

/** What became of a sign-up. */
public sealed interface SignupOutcome {
  /**
   * User and welcome e-mail are committed, now or by an earlier request with the same key. Or it is
   * a hidden sign-up, and this user is made up.
   */
  record Accepted(User user) implements SignupOutcome {}

  /** Somebody has signed up with this address. */
  record AddressTaken() implements SignupOutcome {}

  /** The idempotency key was used for another name, address or password. */
  record KeyReused() implements SignupOutcome {}

  /**
   * Not accepted now. {@code reason} is for the client and names no internals.
   *
   * @param retryAfter rounded down to whole seconds, but 1 at least
   */
  record Unavailable(String reason, Duration retryAfter) implements SignupOutcome {
    private static final String BUSY = "Too many sign-ups at once.";

    public static Unavailable busy(PasswordHasher.Busy busy) {
      return new Unavailable(BUSY, busy.expectedWait());
    }

    /** More come than the processors can hash; otherwise it is the database. */
    public boolean tooMany() {
      return reason.equals(BUSY);
    }
  }

  /** This request has stored nothing: the stop came before its password was hashed. */
  record Stopping() implements SignupOutcome {}
}
