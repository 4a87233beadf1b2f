package lastcall.background;

import java.time.Duration;

/**
 * Work that outlives the request that asked for it. Any thread may hand over, and must look at the
 * answer, or the work may be done by nobody:
 *
 * <pre>{@code
 * if (!background.submit(() -> send(mail))) {
 *   keep(mail); // it will not be sent here: the caller still owns it
 * }
 * }</pre>
 */
public interface BackgroundTasks {
  /**
   * Hands a task over; it starts at once on a thread of its own.
   *
   * @return false when the task was not taken and never will run: no slot is free, or the stop has
   *     begun. The caller still owns the work.
   */
  @CheckReturnValue
  default boolean submit(Runnable task) {
    return submit(task, () -> {});
  }

  /**
   * The same.
   *
   * @param lost called if the task was taken and then could not run, since no thread could be
   *     started, or if it threw; must not block
   */
  @CheckReturnValue
  default boolean submit(Runnable task, Runnable lost) {
    return reserve() && submitReserved(task, lost);
  }

  /**
   * Takes a slot for a task that is not certain yet. After true, call {@link #submitReserved} or
   * {@link #unreserve}.
   */
  @CheckReturnValue
  boolean reserve();

  /** As {@link #submit}, into a slot that was reserved. */
  @CheckReturnValue
  boolean submitReserved(Runnable task, Runnable lost);

  /** There will be no task. */
  void unreserve();

  /** Slots that are free at this moment. A hint only: other threads may submit tasks as well. */
  int freeSlots();

  /**
   * Waits for a slot to be free, at most {@code patience}. A hint as well.
   *
   * @return false if there was none
   */
  boolean awaitFreeSlot(Duration patience) throws InterruptedException;
}
