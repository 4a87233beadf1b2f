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
 * One structured scope that lives as long as the application. Any thread hands tasks over, and one
 * owner thread forks them, since the JDK lets no other thread fork. To stop, call {@link #stop},
 * {@link #awaitIdle} and {@link #close} in this order, from any thread, as often as you like.
 *
 * <pre>{@code
 * BackgroundScope scope = new BackgroundScope("mail", 32, Throwable::printStackTrace);
 * if (!scope.submit(() -> send(mail))) { // no slot is free, or the stop has begun
 *   keep(mail); // nobody else will send it
 * }
 * …
 * scope.stop();
 * scope.awaitIdle(Duration.ofSeconds(20));
 * scope.close(Duration.ofSeconds(1));
 * }</pre>
 *
 * <p>A task holds a slot from {@link #submit} until it has ended. The owner does not end while a
 * slot is held.
 */
public final class BackgroundScope implements BackgroundTasks {
  private static final System.Logger LOG = System.getLogger(BackgroundScope.class.getName());

  /** For tasks to react to their interrupt, and for the owner to see that they have ended. */
  private static final Duration GRACE = Duration.ofMillis(250);

  private final int slots;
  private final Semaphore free; // slots; they bound handedOver too, whose tasks hold theirs
  private final Consumer<Throwable> uncaught;
  private final Thread owner;
  private final ConcurrentLinkedQueue<Task> handedOver = new ConcurrentLinkedQueue<>();
  private final AtomicLong cancelAt = new AtomicLong(System.nanoTime() + Long.MAX_VALUE / 2);
  private volatile boolean stopped;
  private volatile boolean ended; // the owner forks nothing any more

  /**
   * Opens the scope.
   *
   * @param name of the scope; the tasks' threads are called {@code name-1} and so on
   * @param slots tasks at a time
   * @param uncaught gets what a task throws, and the reason when one could not be started
   */
  public BackgroundScope(String name, int slots, Consumer<Throwable> uncaught) {
    this(name, slots, uncaught, owner -> StructuredScope.run(name, owner));
  }

  BackgroundScope(String name, int slots, Consumer<Throwable> uncaught, Consumer<Owner> scope) {
    // The owner is a platform thread, so it runs when spinning tasks hold all carriers. It is a
    // daemon, so a task that never ends does not keep the JVM alive.
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
  public boolean reserve() {
    return !stopped && free.tryAcquire();
  }

  @Override
  public void unreserve() {
    free.release();
    wakeIfStopped();
  }

  /** The owner sees the slot by itself, unless it waits for the last one to be free. */
  private void wakeIfStopped() {
    if (stopped) {
      LockSupport.unpark(owner);
    }
  }

  @Override
  @CheckReturnValue
  public boolean submitReserved(Runnable body, Runnable lost) {
    // We hold a slot now, and the owner does not end while a slot is held. So if stopped is still
    // false here, the owner will see this task.
    Task task = new Task(body, lost);
    if (!stopped) {
      handedOver.add(task);
      LockSupport.unpark(owner);
      // If the owner ended meanwhile, because its deadline passed, either it has taken the task and
      // dropped it, or we take it back here.
      if (!ended || !handedOver.remove(task)) {
        return true;
      }
    }
    unreserve();
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

  /** How many tasks were taken and have not ended. */
  public int running() {
    return slots - free.availablePermits();
  }

  /** From now on {@link #submit} returns false. Tasks that were taken before still run. */
  public void stop() {
    stopped = true;
    LockSupport.unpark(owner);
  }

  /**
   * Waits until no task runs. Call {@link #stop} before.
   *
   * @return false when some still run after {@code patience}
   */
  public boolean awaitIdle(Duration patience) throws InterruptedException {
    return await(slots, patience);
  }

  /**
   * Stops, lets the tasks run until the deadline, then interrupts those that still run, and closes
   * the scope. It returns 250 ms after the deadline at the latest.
   *
   * @param deadline from now; when called several times, the earliest counts
   * @return false when a task ignores its interrupt: then it and the owner are left behind
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
    // No task is left here unless the scope broke: then this calls the lost of each.
    forkAll(task -> false);
  }

  // The owner takes no lock here. While tasks spin on all carriers, a virtual thread that is next
  // in line for a lock can't run to take it. The owner would wait behind it, and miss the deadline.
  private boolean forkUntilStopped(Predicate<Runnable> fork) {
    while (!ended) {
      forkAll(fork);
      if (stopped && running() == 0) {
        return true;
      }
      LockSupport.parkNanos(this, cancelAt.get() - System.nanoTime());
      ended = cancelAt.get() - System.nanoTime() <= 0;
    }
    forkAll(fork); // tasks that were handed over before ended was set
    return running() == 0;
  }

  private void forkAll(Predicate<Runnable> fork) {
    for (Task task = handedOver.poll(); task != null; task = handedOver.poll()) {
      try {
        if (!fork.test(task)) {
          task.setException(new CancellationException("the scope is cancelled"));
        }
      } catch (Throwable refused) { // no thread could be started
        task.setException(refused);
      }
    }
  }

  private boolean await(int permits, Duration patience) throws InterruptedException {
    boolean got = free.tryAcquire(permits, patience.toNanos(), TimeUnit.NANOSECONDS);
    free.release(got ? permits : 0);
    wakeIfStopped(); // the owner may have seen these slots held
    return got;
  }

  private void report(Throwable thrown) {
    try {
      uncaught.accept(thrown);
    } catch (Throwable worse) {
      LOG.log(Level.ERROR, "a background task failed, and so did its report", worse);
    }
  }

  /**
   * Catches everything. A throwable that leaves a task of the scope is lost with JDK 21 to 24, and
   * cancels all other tasks from JDK 25 on.
   */
  private final class Task extends FutureTask<@Nullable Void> {
    private final Runnable lost;

    Task(Runnable body, Runnable lost) {
      super(body, null);
      this.lost = lost;
    }

    @Override
    protected void setException(Throwable thrown) {
      try { // before the slot is free, or whoever waits for that could miss the report
        lost.run();
        report(thrown);
      } finally {
        super.setException(thrown);
      }
    }

    @Override
    protected void done() {
      unreserve();
    }
  }
}
