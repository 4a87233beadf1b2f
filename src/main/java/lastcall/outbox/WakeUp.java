package lastcall.outbox;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A hint to the dispatcher, or to the drain, that it has something to do. Several count as one.
 *
 * <p>It knows whether e-mails wait for a slot. While none does, a send that ends wakes nobody, and
 * new e-mails need not queue behind others.
 */
final class WakeUp {
  private final Semaphore signals = new Semaphore(0);
  private volatile boolean backlog = true; // until the first look, nobody knows
  private volatile boolean stopping;

  /** Something is due that nobody works on. Never blocks. */
  void due() {
    backlog = true;
    signal();
  }

  /** A send has ended, or the mail server takes more of them. Never blocks. */
  void room() {
    if (backlog || stopping) {
      signal();
    }
  }

  /** For the dispatcher, from what it has found. */
  void backlog(boolean waits) {
    backlog = waits;
  }

  boolean backlog() {
    return backlog;
  }

  /** From now on the stop waits for the last send. */
  void stopping() {
    stopping = true;
  }

  void signal() {
    if (signals.availablePermits() == 0) {
      signals.release();
    }
  }

  void await(Duration longest) throws InterruptedException {
    if (signals.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
      signals.drainPermits();
    }
  }
}
