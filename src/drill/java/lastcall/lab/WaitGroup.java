package lastcall.lab;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Go's sync.WaitGroup. (A Phaser is one too, up to 65,535 parties.) */
final class WaitGroup {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition zero = lock.newCondition();
  private int count; // guarded by lock

  void add() {
    lock.lock();
    try {
      count++;
    } finally {
      lock.unlock();
    }
  }

  void done() {
    lock.lock();
    try {
      count--;
      if (count == 0) {
        zero.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Without a bound, as the original. */
  void await() throws InterruptedException {
    lock.lock();
    try {
      while (count > 0) {
        zero.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
