package lastcall.shutdown;

import java.time.Duration;

/**
 * What the stop achieved; the counts are e-mails unless said otherwise.
 *
 * @param sent sent since the signal
 * @param released claimed and given back unsent: due at once, for the next start or another process
 * @param later due later, so not waited for; no fault
 * @param unknown the final dot went out and no answer came: kept, tried again
 * @param unrecorded ended, but the result is not committed, 1 at least if nobody could ask: kept,
 *     tried again
 * @param cutOff requests admitted and not answered
 * @param failedPhases phases of the stop that threw or overran
 * @param took from the signal
 */
public record DrainReport(
    int sent,
    int released,
    int later,
    int unknown,
    int unrecorded,
    int cutOff,
    int failedPhases,
    Duration took) {
  /** EX_TEMPFAIL of sysexits.h: not all is done, nothing is lost, the next start does the rest. */
  public static final int KEPT = 75;

  public static final int FAILED = 1;

  /**
   * The exit status: 0, 75 or 1. A failure outranks what is kept: 75 promises that all that was not
   * done is kept, and after a failure nobody can promise.
   */
  public int status() {
    if (cutOff > 0 || failedPhases > 0) {
      return FAILED;
    }
    return released > 0 || unknown > 0 || unrecorded > 0 ? KEPT : 0;
  }
}
