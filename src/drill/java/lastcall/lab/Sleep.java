package lastcall.lab;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import lastcall.shutdown.Deadline;

/**
 * Sleep for a while, then exit.
 *
 * <p>Wrong: 2 s is too short on the day when the mail server is slow, and too long on all others.
 */
final class Sleep implements Strategy {
  private static final Duration A_WHILE = Duration.ofSeconds(2);

  private final ThreadFactory threads = Strategy.threads();

  @Override
  public boolean submit(Runnable task) {
    threads.newThread(task).start();
    return true;
  }

  @Override
  public void stop(Deadline deadline) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(A_WHILE.toNanos());
  }
}
