package lastcall.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import lastcall.shutdown.Deadline;

/**
 * Workers that loop over a channel of work until a closing signal, and answer with a done signal.
 *
 * <p>A signal that is sent reaches one worker, so it is sent once for each. Wrong: the bound on
 * done is a guess. What is not done by then is lost, although there may be time left; and a task
 * that is submitted behind the closing signals is taken and never run.
 */
final class Channels implements Strategy {
  private static final Duration BOUND = Duration.ofSeconds(5);

  /** Empty stands for the closing signal. MemoryTasks bounds how many there are. */
  private final BlockingQueue<Optional<Runnable>> work = new LinkedBlockingQueue<>();

  private final Semaphore done = new Semaphore(0);
  private final int workers;

  Channels(int workers) {
    this.workers = workers;
    for (int i = 0; i < workers; i++) {
      Strategy.threads().newThread(this::loop).start();
    }
  }

  private void loop() {
    try {
      for (Optional<Runnable> task = work.take(); task.isPresent(); task = work.take()) {
        task.get().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does: it only ends the loop
    }
    done.release();
  }

  @Override
  public boolean submit(Runnable task) {
    return work.add(Optional.of(task));
  }

  @Override
  public void stop(Deadline deadline) throws InterruptedException {
    for (int i = 0; i < workers; i++) {
      work.add(Optional.empty()); // behind the work, so each worker finishes that first
    }
    done.tryAcquire(workers, BOUND.toNanos(), TimeUnit.NANOSECONDS);
  }
}
