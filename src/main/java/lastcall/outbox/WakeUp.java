package lastcall.outbox;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A hint to the dispatcher, or to the drain, that something may be due. Several count as one. */
final class WakeUp {
  private final Semaphore signals = new Semaphore(0);

  /** Never blocks. */
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
