package lastcall.lab;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import lastcall.shutdown.Deadline;

/**
 * What Java readers would use: {@code newVirtualThreadPerTaskExecutor} and {@code
 * awaitTermination}.
 *
 * <p>At TERM it loses as little as the scope does, and it has a deadline. Wrong only in what all
 * seven share: at SIGKILL whatever is in memory is lost.
 */
final class Executor implements Strategy {
  private final ExecutorService executor = Executors.newThreadPerTaskExecutor(Strategy.threads());

  @Override
  public boolean submit(Runnable task) {
    try {
      executor.execute(task);
      return true;
    } catch (RejectedExecutionException e) { // shut down
      return false;
    }
  }

  @Override
  public void stop(Deadline deadline) throws InterruptedException {
    executor.shutdown();
    Duration left = deadline.minus(Duration.ofSeconds(1)).remaining();
    if (!executor.awaitTermination(left.toNanos(), TimeUnit.NANOSECONDS)) {
      executor.shutdownNow();
    }
  }
}
