package lastcall;

import lastcall.outbox.Left;
import lastcall.shutdown.Deadline;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;

/** How a sign-up becomes a sent e-mail, and how that is brought to an end: phases of the stop. */
public interface Sending {
  /** Stores the sign-up and returns; the e-mail is sent behind its back. */
  SignupOutcome signUp(SignupRequest request);

  /** Sends what is left from before, and what comes. */
  void start(boolean afterAStop) throws Exception;

  /** The stop has begun: what ends from now on is in {@link Left}. */
  void countEndings();

  /** No sign-up comes any more: finishes what it can until {@code deadline} − 1 s. */
  void drain(Deadline deadline) throws Exception;

  /** Ends what still runs, all of it by {@code deadline} − 0.25 s. */
  void cut(Deadline deadline) throws Exception;

  /** Writes down how everything has ended. */
  Left release(Deadline until) throws Exception;
}
