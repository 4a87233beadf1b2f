package lastcall.outbox;

/**
 * What the stop has done and what it leaves, in e-mails. One that ended several times counts as it
 * ended last.
 *
 * @param sent since the stop began
 * @param released due at once, for the next start or another process
 * @param later due later
 * @param unknown the final dot went out and no answer came
 * @param unrecorded ended, and the result is not committed; 1 at least if the database could not be
 *     asked
 */
public record Left(int sent, int released, int later, int unknown, int unrecorded) {
  public static final Left NOTHING = new Left(0, 0, 0, 0, 0);
}
