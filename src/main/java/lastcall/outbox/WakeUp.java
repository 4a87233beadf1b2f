package lastcall.outbox;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A hint that it may be worth looking again; several in a row are one. */
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
