package lastcall.lab;

import java.util.concurrent.ThreadFactory;
import lastcall.shutdown.Deadline;

/**
 * A wait group in the application: each task adds one before it starts, and is done when it ends.
 *
 * <p>Wrong: Wait has no deadline, so one send that hangs keeps the process until it is killed. And
 * a handler that outlives the server's stop may add behind Wait: nobody waits for that task.
 */
final class PlainWaitGroup implements Strategy {
  private final ThreadFactory threads = Strategy.threads();
  private final WaitGroup group = new WaitGroup();

  @Override
  public boolean submit(Runnable task) {
    group.add(); // here and not in the task, or Wait may find zero before the task begins
    Runnable counted =
        () -> {
          try {
            task.run();
          } finally {
            group.done();
          }
        };
    threads.newThread(counted).start();
    return true;
  }

  @Override
  public void stop(Deadline deadline) throws InterruptedException {
    group.await();
  }
}
