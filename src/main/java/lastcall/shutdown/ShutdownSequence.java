package lastcall.shutdown;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs the phases of the stop in order. A phase that throws, or overruns its bound, is logged and
 * counted, and those that follow have their turn all the same.
 */
public final class ShutdownSequence {
  private static final System.Logger LOG = System.getLogger(ShutdownSequence.class.getName());

  /** What a phase gets whose bound has passed before it began: enough for what does not wait. */
  private static final Duration LEAST = Duration.ofMillis(100);

  /** Sums up, after the last phase. */
  public interface Tally {
    /**
     * @param failedPhases how many threw or overran
     * @param took from the signal
     */
    DrainReport report(int failedPhases, Duration took);
  }

  private final List<ShutdownPhase> phases;
  private final Tally tally;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable DrainReport report; // once it has run

  public ShutdownSequence(List<ShutdownPhase> phases, Tally tally) {
    for (int i = 1; i < phases.size(); i++) {
      if (phases.get(i).bound().compareTo(phases.get(i - 1).bound()) < 0) {
        throw new IllegalArgumentException(phases.get(i).name() + " ends before it begins");
      }
    }
    this.phases = List.copyOf(phases);
    this.tally = tally;
  }

  /**
   * Runs once: who calls again, or meanwhile, waits and gets the same report. Takes no longer than
   * the last phase's bound and 100 ms for each phase.
   *
   * @param signal when the stop was asked for; all bounds count from here
   */
  public DrainReport run(Deadline signal) {
    lock.lock();
    try {
      if (report == null) {
        report = runPhases(signal);
      }
      return report;
    } finally {
      lock.unlock();
    }
  }

  private DrainReport runPhases(Deadline signal) {
    int failed = 0;
    for (ShutdownPhase phase : phases) {
      LOG.log(Level.DEBUG, "shutdown phase", "phase", phase.name(), "why", phase.why());
      try {
        runPhase(phase, signal.plus(phase.bound()));
      } catch (ExecutionException thrown) {
        failed += fail(phase.name(), thrown.getCause());
      } catch (Throwable failure) { // it overran, or got no thread, or our caller was interrupted
        failed += fail(phase.name(), failure);
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - signal.at());
    try {
      return tally.report(failed, took);
    } catch (RuntimeException uncounted) {
      failed += fail("tally", uncounted);
      return new DrainReport(0, 0, 0, 0, 0, 0, failed, took);
    }
  }

  private static int fail(String phase, @Nullable Throwable error) {
    LOG.log(Level.ERROR, "shutdown phase failed", "phase", phase, "error", error);
    return 1;
  }

  /** On a thread of its own, since a phase that is stuck must not hold those that follow. */
  private static void runPhase(ShutdownPhase phase, Deadline until)
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
