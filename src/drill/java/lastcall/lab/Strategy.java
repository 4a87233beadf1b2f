package lastcall.lab;

import java.util.concurrent.ThreadFactory;
import lastcall.shutdown.Deadline;

/** One way to treat background tasks when the program stops. */
interface Strategy {
  /**
   * Starts the task at once; called by the handlers' threads.
   *
   * @return false when it was not taken, and never will run
   */
  boolean submit(Runnable task);

  /**
   * Told to stop, when the server has stopped: returns when this strategy takes the work for done.
   */
  void stop(Deadline deadline) throws InterruptedException;

  /** Before JDK 24 a send that waits for the server would keep its carrier: Angus's monitors. */
  static ThreadFactory threads() {
    boolean virtual = Runtime.version().feature() >= 24;
    Thread.Builder threads = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    return threads.name("send-", 1).factory();
  }
}
