package lastcall.lab;

import java.util.concurrent.locks.ReentrantLock;
import lastcall.shutdown.Deadline;

/**
 * Told to stop, then waited for: a closing flag that all see, and a wait group.
 *
 * <p>The flag is read and the group added to under one lock, so nothing is added behind Wait.
 * Wrong: Wait still has no deadline, and what is refused here is lost like everything in memory.
 */
final class ClosingWaitGroup implements Strategy {
  private final PlainWaitGroup tasks = new PlainWaitGroup();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closing; // guarded by lock

  @Override
  public boolean submit(Runnable task) {
    lock.lock();
    try {
      return !closing && tasks.submit(task);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stop(Deadline deadline) throws InterruptedException {
    lock.lock();
    try {
      closing = true;
    } finally {
      lock.unlock();
    }
    tasks.stop(deadline);
  }
}
