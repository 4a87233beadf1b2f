package lastcall.shutdown;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * The signals TERM, INT and HUP. The first one wakes the main thread, which waits for it in {@link
 * #await} and then stops the service. A second one, or a stop that takes too long, ends the process
 * by force.
 *
 * <p>These are signal handlers and no shutdown hook, since the JVM closes the log's handlers while
 * hooks run, and would end with 128 + n even when the stop went well. With {@code -Xrs} the JVM
 * leaves signals to the system, which ends the process at once. Then only a hook is left, for an
 * exit by other ways; it holds the JVM until {@link #done} or the force.
 */
public final class TerminationSignals {
  private static final System.Logger LOG = System.getLogger(TerminationSignals.class.getName());

  /** Terminals and supervisors send bursts: signals this soon after the first one are ignored. */
  public static final Duration BURST = Duration.ofMillis(500);

  /** For the last line of the log, which may go to a full pipe that nobody reads. */
  private static final Duration LOG_PATIENCE = Duration.ofMillis(200);

  /**
   * What ending the JVM takes. HotSpot waits up to 0.3 s for threads in native code, and the thread
   * that polls the virtual threads' sockets is always there. Measured: 0.32 to 0.4 s on JDK 21 to
   * 27, and more on a busy machine.
   */
  private static final Duration HALT = Duration.ofMillis(500);

  /**
   * A signal.
   *
   * @param name without SIG
   * @param arrived when; the time for the stop counts from here
   */
  public record Received(String name, int number, Deadline arrived) {}

  private final Duration forceAfter;
  private final IntConsumer log;
  private final IntConsumer halt;
  private final CountDownLatch done = new CountDownLatch(1);
  // Both are guarded by this object's monitor. Only platform threads enter it, since a virtual
  // thread that is next in line for it might get no carrier, and would hold up the force.
  private volatile @Nullable Received first;
  private @Nullable Received second;

  /**
   * Takes the signals over.
   *
   * @param forceAfter from the first signal until the process is gone, if need be by force
   * @param log writes that the process is ended by force, with this status; it may block
   * @param halt ends the process at once, with this status; {@code Runtime.getRuntime()::halt}
   */
  public TerminationSignals(Duration forceAfter, IntConsumer log, IntConsumer halt) {
    this.forceAfter = forceAfter;
    this.log = log;
    this.halt = halt;
    // Started now and not at the first signal, since there may be no memory for a thread by then.
    Thread.ofPlatform().daemon().name("forced-halt").start(this::forceWhenDue);
    try {
      for (String name : new String[] {"TERM", "INT", "HUP"}) {
        Signal.handle(new Signal(name), signal -> arrived(signal.getName(), signal.getNumber()));
      }
    } catch (IllegalArgumentException reduced) { // -Xrs
      LOG.log(
          Level.WARNING,
          "java -Xrs: no signal handlers can be set, so a signal ends the process at once");
      Runtime.getRuntime().addShutdownHook(new Thread(this::hook, "termination-hook"));
    }
  }

  /** Waits for the first signal, on a platform thread. */
  public synchronized Received await() throws InterruptedException {
    while (first == null) {
      wait();
    }
    return first;
  }

  /** For any thread. */
  public boolean received() {
    return first != null;
  }

  /** The stop is over. To be called before {@link System#exit}, for which a hook may wait. */
  public void done() {
    done.countDown();
  }

  /** Wakes those who wait, and does no work: the JVM runs its handlers one after the other. */
  synchronized void arrived(String name, int number) {
    Received signal = new Received(name, number, Deadline.in(Duration.ZERO));
    if (first == null) {
      first = signal;
    } else if (second == null && first.arrived().plus(BURST).passed()) {
      second = signal;
    }
    notifyAll();
  }

  private void hook() {
    arrived("TERM", 15);
    try {
      done.await(); // the force bounds this
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void forceWhenDue() {
    try {
      int status = 128 + awaitForce().number();
      try {
        Thread writer = Thread.ofPlatform().daemon().start(() -> log.accept(status));
        writer.join(LOG_PATIENCE);
      } finally {
        halt.accept(status);
      }
    } catch (InterruptedException impossible) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until force is due; returns the signal that caused it, the second one or the first. */
  private synchronized Received awaitForce() throws InterruptedException {
    Deadline due = await().arrived().plus(forceAfter).minus(LOG_PATIENCE).minus(HALT);
    while (second == null && !due.passed()) {
      TimeUnit.NANOSECONDS.timedWait(this, due.remaining().toNanos());
    }
    return second != null ? second : await();
  }
}
