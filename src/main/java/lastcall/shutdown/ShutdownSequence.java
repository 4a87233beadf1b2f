package lastcall.shutdown;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the phases of the stop in order. A phase that throws, or overruns its bound, is logged and
 * counted, and the phases behind it have their turn all the same.
 */
public final class ShutdownSequence {
  private static final System.Logger LOG = System.getLogger(ShutdownSequence.class.getName());

  /** What a phase gets whose bound has passed before it began: enough for what does not wait. */
  private static final Duration LEAST = Duration.ofMillis(100);

  private final List<ShutdownPhase> phases;

  public ShutdownSequence(List<ShutdownPhase> phases) {
    this.phases = List.copyOf(phases);
  }

  /**
   * Runs the phases once. It takes no longer than until the last phase's bound and 100 ms for each
   * phase.
   *
   * @param signal when the stop was asked for; all bounds count from here
   * @return how many phases threw or overran
   */
  public int run(Deadline signal) {
    int failed = 0;
    for (ShutdownPhase phase : phases) {
      LOG.log(Level.DEBUG, "shutdown phase " + phase.name() + ": " + phase.why());
      try {
        run(phase, signal.plus(phase.bound()));
      } catch (ExecutionException thrown) {
        failed++;
        LOG.log(Level.ERROR, "shutdown phase failed: " + phase.name(), thrown.getCause());
      } catch (TimeoutException overrun) {
        failed++;
        LOG.log(Level.ERROR, "shutdown phase takes too long, it is left behind: " + phase.name());
      } catch (Throwable failure) { // it got no thread, or our caller was interrupted
        failed++;
        LOG.log(Level.ERROR, "shutdown phase failed: " + phase.name(), failure);
      }
    }
    return failed;
  }

  /** On a thread of its own, since a phase that is stuck must not hold those behind it. */
  private static void run(ShutdownPhase phase, Deadline until)
      throws ExecutionException, TimeoutException, InterruptedException {
    FutureTask<@Nullable Void> step =
        new FutureTask<>(() -> {
          phase.step().run(until);
          return null;
        });
    Thread.ofPlatform().daemon().name("shutdown-" + phase.name()).start(step);
    long patience = Math.max(LEAST.toNanos(), until.remaining().toNanos());
    try {
      step.get(patience, TimeUnit.NANOSECONDS);
    } finally {
      step.cancel(true); // no effect on one that has ended
    }
  }
}
