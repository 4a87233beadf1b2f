package lastcall.signup;

import java.time.Duration;

/** What became of a sign-up. */
public sealed interface SignupOutcome {
  /** User and welcome e-mail are committed, now or by an earlier request with the same key. */
  record Accepted(User user) implements SignupOutcome {}

  /** Somebody has signed up with this address. */
  record AddressTaken() implements SignupOutcome {}

  /** The idempotency key was used for another name or address. */
  record KeyReused() implements SignupOutcome {}

  /**
   * Not accepted now. {@code reason} is for the client and names no internals.
   *
   * @param retryAfter whole seconds, at least 1
   */
  record Unavailable(String reason, Duration retryAfter) implements SignupOutcome {}
}
