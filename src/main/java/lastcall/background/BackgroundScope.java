package lastcall.background;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import lastcall.background.StructuredScope.Owner;
import org.jspecify.annotations.Nullable;

/**
 * One structured scope that lives as long as the application: any thread hands tasks over, one
 * owner thread forks them, and the stop can wait for them all: {@link #stop}, {@link #awaitIdle},
 * {@link #close}, in this order, from any thread, as often as you like.
 */
public final class BackgroundScope implements BackgroundTasks {
  private static final System.Logger LOG = System.getLogger(BackgroundScope.class.getName());
  private static final Duration GRACE = Duration.ofMillis(250); // who needs longer, ignores it

  private final int slots;
  private final Consumer<Throwable> uncaught;
  private final Thread owner;

  // Guarded by this, all of it, so that submit, stop and the end of a task can't miss each other.
  private final ArrayDeque<Task> handedOver = new ArrayDeque<>(); // bounded: each holds a slot
  private int running; // accepted and not ended, those in handedOver included
  private boolean stopped;
  private long cancelAt = System.nanoTime() + Long.MAX_VALUE / 2; // never, unless close sets it

  /**
   * @param name of the scope; its threads are {@code name-1}, {@code name-2}, …
   * @param slots how many tasks may run at a time
   * @param uncaught gets whatever a task throws, or why it could not be started
   */
  public BackgroundScope(String name, int slots, Consumer<Throwable> uncaught) {
    this(name, slots, uncaught, owner -> StructuredScope.run(name, owner));
  }

  BackgroundScope(String name, int slots, Consumer<Throwable> uncaught, Consumer<Owner> scope) {
    this.slots = slots;
    this.uncaught = uncaught;
    // A platform thread: tasks that spin on every carrier can't hold up the deadline. A daemon: a
    // task that never ends can't keep the JVM alive. Started last: it sees every field.
    this.owner = Thread.ofPlatform().daemon().name(name + "-owner").start(() -> run(scope));
  }

  @Override
  public synchronized boolean submit(Runnable body) {
    if (freeSlots() == 0) {
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
    return await(() -> freeSlots() > 0, patience);
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

  /** Waits until no task runs; false when some still do after {@code patience}. */
  public synchronized boolean awaitIdle(Duration patience) throws InterruptedException {
    return await(() -> running == 0, patience);
  }

  /**
   * Stops, gives the tasks until the deadline (from now; of several, the first) to end, interrupts
   * the others, closes the scope. Returns within the deadline and 250 ms.
   *
   * @return false when a task ignores its interrupt: it and the owner are left behind, as daemons
   */
  public boolean close(Duration deadline) throws InterruptedException {
    synchronized (this) {
      long until = System.nanoTime() + deadline.toNanos();
      cancelAt = until - cancelAt < 0 ? until : cancelAt;
      stop();
    }
    boolean ended = owner.join(deadline.plus(GRACE));
    if (!ended) {
      LOG.log(Level.WARNING, "task ignores its interrupt", "owner", owner, "running", running());
    }
    return ended;
  }

  private void run(Consumer<Owner> scope) {
    try {
      scope.accept(this::forkUntilStopped);
    } catch (Throwable broken) {
      report(broken);
    }
    synchronized (this) { // nothing to do, unless the scope broke: then nobody shall wait for it
      stop();
      handedOver.forEach(
          task -> task.setException(new CancellationException("the scope has ended")));
    }
  }

  private boolean forkUntilStopped(Predicate<Runnable> fork) throws InterruptedException {
    for (Task task = next(); task != null; task = next()) {
      try {
        if (!fork.test(task)) {
          task.setException(new CancellationException("the scope is cancelled"));
        }
      } catch (Throwable refused) { // no thread to be had
        task.setException(refused);
      }
    }
    return awaitEnd();
  }

  private synchronized @Nullable Task next() throws InterruptedException {
    while (handedOver.isEmpty() && !stopped) {
      wait();
    }
    return handedOver.poll();
  }

  private synchronized boolean awaitEnd() throws InterruptedException {
    while (running > 0 && cancelAt - System.nanoTime() > 0) { // close may bring it nearer
      TimeUnit.NANOSECONDS.timedWait(this, cancelAt - System.nanoTime());
    }
    return running == 0;
  }

  private boolean await(BooleanSupplier condition, Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean() && until - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, until - System.nanoTime());
    }
    return condition.getAsBoolean();
  }

  private void report(Throwable thrown) {
    try {
      uncaught.accept(thrown);
    } catch (Throwable worse) {
      LOG.log(Level.ERROR, "task failed, and so did its report", "error", worse);
    }
  }

  /** Catches all: what leaves a task, the scope swallows, and from 25 on it cancels the others. */
  private final class Task extends FutureTask<@Nullable Void> {
    Task(Runnable body) {
      super(body, null);
    }

    @Override
    protected void setException(Throwable thrown) { // reported before the slot is free
      try {
        report(thrown);
      } finally {
        super.setException(thrown);
      }
    }

    @Override
    protected void done() {
      synchronized (BackgroundScope.this) {
        running--;
        BackgroundScope.this.notifyAll();
      }
    }
  }
}
