package lastcall.outbox;

/**
 * What the stop has done and what it leaves behind, in e-mails. An e-mail that was tried several
 * times counts as its last try ended.
 *
 * @param sent since the stop began
 * @param released due at once, for the next start or another process
 * @param later due later
 * @param unknown the final dot went out and no answer came
 * @param unrecorded ended, and the result is not committed; 1 at least if the database could not be
 *     asked
 */
public record StopCounts(int sent, int released, int later, int unknown, int unrecorded) {
  public static final StopCounts NOTHING = new StopCounts(0, 0, 0, 0, 0);
}
