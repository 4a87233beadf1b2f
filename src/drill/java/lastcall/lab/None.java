package lastcall.lab;

import java.util.concurrent.ThreadFactory;
import lastcall.shutdown.Deadline;

/**
 * Start it and forget it: {@code go send(user)}.
 *
 * <p>Wrong: nobody waits. When main returns, what runs is gone, and nobody even knows of it.
 */
final class None implements Strategy {
  private final ThreadFactory threads = Strategy.threads();

  @Override
  public boolean submit(Runnable task) {
    threads.newThread(task).start();
    return true;
  }

  @Override
  public void stop(Deadline deadline) {}
}
