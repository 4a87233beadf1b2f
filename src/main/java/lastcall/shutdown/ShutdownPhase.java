package lastcall.shutdown;

import java.time.Duration;

/**
 * One step of the stop.
 *
 * @param name for the log
 * @param why it comes at this place and not earlier or later
 * @param bound when it has to be done, counted from the signal; not before the bound of the phase
 *     before it
 */
public record ShutdownPhase(String name, String why, Duration bound, Step step) {
  public interface Step {
    /**
     * Runs on a daemon thread of its own, which is interrupted and left behind at its bound.
     *
     * @param until the bound, which may have passed when an earlier phase took too long
     */
    void run(Deadline until) throws Exception;
  }
}
