package lastcall.background;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One structured scope that lives as long as the application: any thread hands tasks over, one
 * owner thread forks them, and the stop can wait for them all.
 *
 * <p>To stop it, call {@link #stop}, {@link #awaitIdle}, {@link #close}, in this order. Any thread
 * may, as often as it likes.
 */
public final class BackgroundScope implements BackgroundTasks {
  private static final System.Logger LOG = System.getLogger(BackgroundScope.class.getName());

  /** From the interrupt to the end of the last task; who needs longer ignores it. */
  private static final Duration GRACE = Duration.ofMillis(250);

  private final String name;
  private final int slots;
  private final Consumer<Throwable> uncaught;
  private final Thread owner;

  // Guarded by this, all of it, so that submit, stop and the end of a task can't miss each other.
  private final Queue<Task> handedOver = new ArrayDeque<>(); // bounded: each holds a slot
  private int running; // accepted and not ended, those in handedOver included
  private boolean stopped;
  private boolean closing;
  private long cancelAt; // by nanoTime, once closing

  /**
   * @param name of the scope; its threads are called {@code name-1}, {@code name-2}, …
   * @param slots how many tasks may run at a time, at least 1
   * @param uncaught gets whatever a task throws, on the task's thread; and, on the owner's, why a
   *     task could not be started ({@link CancellationException}: the scope was cancelled)
   */
  public BackgroundScope(String name, int slots, Consumer<Throwable> uncaught) {
    this(name, slots, uncaught, StructuredScope::run);
  }

  BackgroundScope(
      String name, int slots, Consumer<Throwable> uncaught, BiConsumer<String, ScopeOwner> scope) {
    if (slots < 1) {
      throw new IllegalArgumentException("slots must be at least 1, not " + slots);
    }
    this.name = name;
    this.slots = slots;
    this.uncaught = uncaught;
    // A platform thread: tasks that spin on every carrier can't hold up the deadline. A daemon: a
    // task that never ends can't keep the JVM alive. Started last: it sees every field.
    this.owner = Thread.ofPlatform().daemon().name(name + "-owner").start(() -> runScope(scope));
  }

  @Override
  public synchronized boolean submit(Runnable body) {
    if (stopped || running == slots) {
      return false;
    }
    handedOver.add(new Task(body));
    running++;
    notifyAll();
    return true;
  }

  @Override
  public synchronized int freeSlots() {
    return stopped ? 0 : slots - running;
  }

  @Override
  public synchronized boolean awaitFreeSlot(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (freeSlots() == 0) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /** Tasks accepted and not ended. */
  public synchronized int running() {
    return running;
  }

  /** From here on {@link #submit} returns false. What it returned true for still runs. */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Waits until no task runs, or returns false after {@code patience}. Lasts after a stop only. */
  public synchronized boolean awaitIdle(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    for (long left = until - System.nanoTime(); running > 0; left = until - System.nanoTime()) {
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /**
   * Stops, gives the tasks until the deadline, then interrupts them and closes the scope. When
   * called again, the earlier deadline holds. Waits for at most {@code deadline} and 250 ms; an
   * interrupted caller leaves at once, and the scope closes without it.
   *
   * @param deadline from now; zero interrupts at once
   * @return true when every task has ended; false when one ignores its interrupt, which leaves its
   *     thread and the owner behind as daemons
   */
  public boolean close(Duration deadline) throws InterruptedException {
    closeAt(System.nanoTime() + deadline.toNanos());
    boolean ended = owner.join(deadline.plus(GRACE));
    if (!ended) {
      LOG.log(Level.WARNING, "task ignores its interrupt", "scope", name, "running", running());
    }
    return ended;
  }

  private synchronized void closeAt(long until) {
    cancelAt = closing && cancelAt - until < 0 ? cancelAt : until;
    closing = true;
    stop();
  }

  private void runScope(BiConsumer<String, ScopeOwner> scope) {
    try {
      scope.accept(name, this::own);
    } catch (Throwable broken) {
      report(broken);
    } finally { // normally nothing is left; if the scope broke, nobody may wait for it
      stop();
      for (Task task = poll(); task != null; task = poll()) {
        task.drop(new CancellationException("the scope has ended"));
      }
    }
  }

  private boolean own(ScopeOwner.Forks scope) throws InterruptedException {
    for (Task task = next(); task != null; task = next()) {
      try {
        if (!scope.fork(task)) { // the JDK drops it without a word
          task.drop(new CancellationException("the scope is cancelled"));
        }
      } catch (Throwable refused) { // no thread to be had
        task.drop(refused);
      }
    }
    return awaitIdleOrClose();
  }

  /** The next task, as soon as there is one; null when stopped and all are forked. */
  private synchronized @Nullable Task next() throws InterruptedException {
    while (handedOver.isEmpty() && !stopped) {
      wait();
    }
    return handedOver.poll();
  }

  private synchronized @Nullable Task poll() {
    return handedOver.poll();
  }

  private synchronized boolean awaitIdleOrClose() throws InterruptedException {
    while (!closing) {
      wait();
    }
    while (running > 0 && cancelAt - System.nanoTime() > 0) { // cancelAt may move nearer
      TimeUnit.NANOSECONDS.timedWait(this, cancelAt - System.nanoTime());
    }
    return running == 0;
  }

  private synchronized void ended() {
    running--;
    notifyAll();
  }

  private void report(Throwable thrown) {
    try {
      uncaught.accept(thrown);
    } catch (Throwable worse) {
      LOG.log(Level.ERROR, "could not report what a task threw", "scope", name, "error", worse);
    }
  }

  private final class Task implements Runnable {
    private final Runnable body;
    private final AtomicBoolean taken = new AtomicBoolean(); // it runs or is dropped, never both

    Task(Runnable body) {
      this.body = body;
    }

    @Override
    public void run() {
      if (taken.getAndSet(true)) {
        return;
      }
      try {
        body.run();
      } catch (Throwable thrown) { // the scope would swallow it, and on JDK 25+ cancel the others
        report(thrown);
      } finally {
        ended();
      }
    }

    void drop(Throwable why) {
      if (!taken.getAndSet(true)) {
        report(why);
        ended();
      }
    }
  }
}
