package lastcall.outbox;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.background.BackgroundTasks;

/** The first submit fails; the second task is taken and then lost, as without a thread for it. */
record FlakyTasks(BackgroundTasks scope, AtomicInteger submitted) implements BackgroundTasks {
  @Override
  public boolean submit(Runnable task, Runnable lost) {
    switch (submitted.incrementAndGet()) {
      case 1 -> throw new IllegalStateException("once");
      case 2 -> lost.run();
      default -> {
        return scope.submit(task, lost);
      }
    }
    return true;
  }

  @Override
  public boolean reserve() {
    return scope.reserve();
  }

  @Override
  public boolean submitReserved(Runnable task, Runnable lost) {
    return scope.submitReserved(task, lost);
  }

  @Override
  public void unreserve() {
    scope.unreserve();
  }

  @Override
  public int freeSlots() {
    return scope.freeSlots();
  }

  @Override
  public boolean awaitFreeSlot(Duration patience) throws InterruptedException {
    return scope.awaitFreeSlot(patience);
  }
}
