package lastcall.background;

import java.time.Duration;

/** Work that outlives the request that asked for it. Any thread may hand over. */
public interface BackgroundTasks {
  /**
   * Hands a task over; it starts at once on a thread of its own.
   *
   * @return false when the task was not taken and never will run: no slot is free, or the stop has
   *     begun. The caller still owns the work.
   */
  boolean submit(Runnable task);

  /** Slots not taken at this moment; a hint, since others may submit as well. */
  int freeSlots();

  /**
   * Waits for a slot to be free, at most {@code patience}; a hint as well.
   *
   * @return false if there was none
   */
  boolean awaitFreeSlot(Duration patience) throws InterruptedException;
}
