package lastcall.background;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import lastcall.background.StructuredScope.Owner;
import org.jspecify.annotations.Nullable;

/**
 * One structured scope that lives as long as the application: any thread hands tasks over, one
 * owner thread forks them, and the stop can wait for them all: {@link #stop}, {@link #awaitIdle},
 * {@link #close}, in this order, from any thread, as often as you like.
 *
 * <pre>{@code
 * BackgroundScope scope = new BackgroundScope("mail", 32, Throwable::printStackTrace);
 * boolean taken = scope.submit(() -> send(mail)); // false: no slot is free, or it stops
 * …
 * scope.stop();
 * scope.awaitIdle(Duration.ofSeconds(20));
 * scope.close(Duration.ofSeconds(1));
 * }</pre>
 */
public final class BackgroundScope implements BackgroundTasks {
  private static final System.Logger LOG = System.getLogger(BackgroundScope.class.getName());
  private static final Duration GRACE = Duration.ofMillis(250); // who needs longer, ignores it

  private final int slots;
  private final Semaphore free; // a task in handedOver has its slot already, so that is bounded
  private final Consumer<Throwable> uncaught;
  private final Thread owner;
  private final ConcurrentLinkedQueue<Task> handedOver = new ConcurrentLinkedQueue<>();
  private final AtomicLong cancelAt = new AtomicLong(System.nanoTime() + Long.MAX_VALUE / 2);
  private volatile boolean stopped;
  private volatile boolean ended; // the owner forks no more

  /**
   * For at most {@code slots} tasks at a time, on threads called {@code name-1} and so on; {@code
   * uncaught} gets whatever they throw, and why one could not be started.
   */
  public BackgroundScope(String name, int slots, Consumer<Throwable> uncaught) {
    this(name, slots, uncaught, owner -> StructuredScope.run(name, owner));
  }

  BackgroundScope(String name, int slots, Consumer<Throwable> uncaught, Consumer<Owner> scope) {
    // A platform thread needs no carrier; a daemon can't keep the JVM alive when a task never ends.
    this(slots, uncaught, scope, Thread.ofPlatform().daemon().name(name + "-owner")::start);
  }

  BackgroundScope(
      int slots,
      Consumer<Throwable> uncaught,
      Consumer<Owner> scope,
      Function<Runnable, Thread> start) {
    this.slots = slots;
    this.free = new Semaphore(slots);
    this.uncaught = uncaught;
    this.owner = start.apply(() -> run(scope));
  }

  @Override
  @CheckReturnValue
  public boolean submit(Runnable body, Runnable lost) {
    if (!free.tryAcquire()) {
      return false;
    }
    // From here the owner stays, since it counts the slots: only then look if it was stopped.
    Task task = new Task(body, lost);
    if (!stopped) {
      handedOver.add(task);
      LockSupport.unpark(owner);
      if (!ended || !handedOver.remove(task)) { // unless the deadline passed just now
        return true;
      }
    }
    free.release();
    LockSupport.unpark(owner); // which may have counted this slot
    return false;
  }

  @Override
  public int freeSlots() {
    return stopped ? 0 : free.availablePermits();
  }

  @Override
  public boolean awaitFreeSlot(Duration patience) throws InterruptedException {
    return await(1, patience);
  }

  /** Tasks accepted and not ended. */
  public int running() {
    return slots - free.availablePermits();
  }

  /** From here on {@link #submit} returns false. What it returned true for still runs. */
  public void stop() {
    stopped = true;
    LockSupport.unpark(owner);
  }

  /** Waits until no task runs; false when some still do after {@code patience}. Stop first. */
  public boolean awaitIdle(Duration patience) throws InterruptedException {
    return await(slots, patience);
  }

  /**
   * Stops, gives the tasks until the deadline (from now; of several, the first) to end, interrupts
   * the others, closes the scope. Returns within the deadline and 250 ms.
   *
   * @return false when a task ignores its interrupt: it and the owner are left behind, as daemons
   */
  public boolean close(Duration deadline) throws InterruptedException {
    long until = System.nanoTime() + deadline.toNanos();
    cancelAt.accumulateAndGet(until, (a, b) -> a - b < 0 ? a : b);
    stop();
    boolean closed = owner.join(deadline.plus(GRACE));
    if (!closed) {
      LOG.log(Level.WARNING, running() + " background tasks ignore their interrupt");
    }
    return closed;
  }

  private void run(Consumer<Owner> scope) {
    try {
      scope.accept(this::forkUntilStopped);
    } catch (Throwable broken) {
      report(broken);
    }
    stopped = true;
    ended = true;
    forkAll(task -> false); // there is none, unless the scope broke: then nobody shall wait for it
  }

  // Takes no lock: one that is free can be promised to a virtual thread that gets no carrier while
  // tasks spin on all of them, and the owner would wait behind it and miss the deadline.
  private boolean forkUntilStopped(Predicate<Runnable> fork) {
    while (!ended) {
      forkAll(fork);
      if (stopped && running() == 0) {
        return true;
      }
      LockSupport.parkNanos(this, cancelAt.get() - System.nanoTime());
      ended = cancelAt.get() - System.nanoTime() <= 0;
    }
    forkAll(fork); // what came before ended was set
    return running() == 0;
  }

  private void forkAll(Predicate<Runnable> fork) {
    for (Task task = handedOver.poll(); task != null; task = handedOver.poll()) {
      try {
        if (!fork.test(task)) {
          task.setException(new CancellationException("the scope is cancelled"));
        }
      } catch (Throwable refused) { // no thread to be had
        task.setException(refused);
      }
    }
  }

  private boolean await(int permits, Duration patience) throws InterruptedException {
    boolean got = free.tryAcquire(permits, patience.toNanos(), TimeUnit.NANOSECONDS);
    free.release(got ? permits : 0);
    LockSupport.unpark(owner); // which may have counted them
    return got;
  }

  private void report(Throwable thrown) {
    try {
      uncaught.accept(thrown);
    } catch (Throwable worse) {
      LOG.log(Level.ERROR, "a background task failed, and so did its report", worse);
    }
  }

  /** Catches all: what leaves a task, the scope swallows, and from 25 on it cancels the others. */
  private final class Task extends FutureTask<@Nullable Void> {
    private final Runnable lost;

    Task(Runnable body, Runnable lost) {
      super(body, null);
      this.lost = lost;
    }

    @Override
    protected void setException(Throwable thrown) { // reported before the slot is free
      try {
        lost.run();
        report(thrown);
      } finally {
        super.setException(thrown);
      }
    }

    @Override
    protected void done() {
      free.release();
      LockSupport.unpark(owner);
    }
  }
}
