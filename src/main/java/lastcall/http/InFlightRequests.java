package lastcall.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Admits requests and counts those admitted, each until its response has been written. */
public final class InFlightRequests {
  private final AtomicInteger count = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition none = lock.newCondition();
  private volatile boolean stopping;

  /**
   * @return false when no request is admitted any more; only a true needs its {@link #exit}
   */
  boolean enter() {
    // Count first, then read the flag: the other way round a request could be admitted between the
    // flag and a count of zero, and be run over.
    count.incrementAndGet();
    if (!stopping) {
      return true;
    }
    exit();
    return false;
  }

  void exit() {
    if (count.decrementAndGet() == 0) {
      lock.lock();
      try {
        none.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** From the return of this call on, no request is admitted that {@link #count} does not show. */
  void stopAdmitting() {
    stopping = true;
  }

  /** Admitted and not yet answered; for a moment also one that is about to be refused. */
  public int count() {
    return count.get();
  }

  /**
   * @return false when requests were still in flight after the limit, or the caller was interrupted
   */
  public boolean awaitNone(Duration limit) {
    long nanos = limit.toNanos();
    lock.lock();
    try {
      while (count.get() > 0) {
        if (nanos <= 0) {
          return false;
        }
        nanos = none.awaitNanos(nanos);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
