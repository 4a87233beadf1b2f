package lastcall;

import lastcall.shutdown.Deadline;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;

/** How a sign-up becomes a sent e-mail, and how that is brought to an end: phases of the stop. */
public interface Sending {
  /**
   * @param released due at once, for the next start or another process
   * @param later due later
   * @param unrecorded ended, and the result is not committed; 1 at least if the database could not
   *     be asked
   */
  record Left(int released, long later, int unrecorded) {}

  /** Stores the sign-up and returns; the e-mail is sent behind its back. */
  SignupOutcome signUp(SignupRequest request);

  /** Sends what is left from before, and what comes. */
  void start() throws Exception;

  /** No sign-up comes any more: finishes what it can until {@code deadline} − 1 s. */
  void drain(Deadline deadline) throws Exception;

  /** Ends what still runs, all of it by {@code deadline} − 0.25 s. */
  void cut(Deadline deadline) throws Exception;

  /** Writes down how everything has ended. */
  Left release(Deadline until) throws Exception;
}
