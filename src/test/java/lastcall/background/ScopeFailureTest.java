package lastcall.background;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks, reports and scopes that fail: each is told, and nobody waits for it. */
@Timeout(30)
final class ScopeFailureTest extends ScopeFixture {
  @Test
  void seesWhateverATaskThrows() throws Exception {
    var scope = new BackgroundScope("send", 1, uncaught::add);
    var outOfMemory = new OutOfMemoryError("thrown by the test");
    var checked = new Exception("sneaked");
    for (Throwable thrown : List.of(outOfMemory, checked, new RuntimeException())) {
      assertTrue(scope.awaitFreeSlot(LONG));
      assertTrue(scope.submit(() -> sneak(thrown)));
      assertSame(thrown, uncaught.poll(20, TimeUnit.SECONDS));
    }
    assertTrue(scope.awaitFreeSlot(LONG));
    assertTrue(scope.submit(() -> recurse(0)));
    assertInstanceOf(StackOverflowError.class, uncaught.poll(20, TimeUnit.SECONDS));
    assertGoesOn(scope);
  }

  @Test
  void goesOnWhenTheReportFails() throws Exception {
    var scope =
        new BackgroundScope(
            "send",
            1,
            thrown -> {
              uncaught.add(thrown);
              throw new AssertionError("the report fails, this stack trace is expected");
            });
    scope.submit(() -> sneak(new RuntimeException()));
    assertInstanceOf(RuntimeException.class, uncaught.poll(20, TimeUnit.SECONDS));
    assertGoesOn(scope);
  }

  @Test
  void reportsWhatACancelledScopeDrops() throws Exception {
    var scope = new BackgroundScope("send", 1, uncaught::add, owner -> owner.own(task -> false));
    assertTrue(scope.submit(() -> {}));
    assertInstanceOf(CancellationException.class, uncaught.poll(20, TimeUnit.SECONDS));
    assertTrue(scope.awaitFreeSlot(LONG), "the slot is free again");
    assertTrue(scope.close(LONG));
  }

  @Test
  void reportsATaskThatGetsNoThread() throws Exception {
    var none = new OutOfMemoryError("unable to create native thread");
    var scope =
        new BackgroundScope("send", 1, uncaught::add, owner -> owner.own(task -> sneak(none)));
    var lost = new AtomicBoolean();
    assertTrue(scope.submit(() -> {}, () -> lost.set(true)));
    assertSame(none, uncaught.poll(20, TimeUnit.SECONDS));
    assertTrue(lost.get(), "who handed it over is told");
    assertTrue(scope.awaitFreeSlot(LONG), "the slot is free again");
    assertTrue(scope.close(LONG));
  }

  @Test
  void aScopeThatBreaksLeavesNobodyWaiting() throws Exception {
    var handedOver = new CountDownLatch(1);
    var scope =
        new BackgroundScope(
            "send",
            2,
            uncaught::add,
            owner -> {
              awaitUnchecked(handedOver);
              throw new IllegalStateException("no scope");
            });
    assertTrue(scope.submit(() -> {}));
    handedOver.countDown();
    assertInstanceOf(IllegalStateException.class, uncaught.poll(20, TimeUnit.SECONDS));
    assertInstanceOf(CancellationException.class, uncaught.poll(20, TimeUnit.SECONDS));
    assertTrue(scope.awaitIdle(LONG));
    assertTrue(scope.close(LONG));
    assertFalse(scope.submit(() -> {}));
  }

  /** What the reports above are for: the JDK itself drops the task without a word. */
  @Test
  void aThrowableThatLeavesATaskCancelsTheScope() {
    var forked = new AtomicBoolean(true);
    var ran = new AtomicBoolean();
    StructuredScope.Owner owner =
        fork -> {
          fork.test(() -> sneak(new Error("leaves its task")));
          long until = System.nanoTime() + LONG.toNanos();
          while (JDK >= 25 && forked.get() && System.nanoTime() - until < 0) {
            forked.set(fork.test(() -> {}));
          }
          forked.set(fork.test(() -> ran.set(true)));
          return true;
        };
    if (JDK < 25) {
      StructuredScope.run("send", owner);
      assertTrue(forked.get() && ran.get());
      return;
    }
    try {
      StructuredScope.run("send", owner);
      throw new AssertionError("silently");
    } catch (IllegalStateException told) {
      assertFalse(forked.get());
      assertFalse(ran.get());
    }
  }

  private void assertGoesOn(BackgroundScope scope) throws InterruptedException {
    var ran = new CountDownLatch(1);
    assertTrue(scope.awaitFreeSlot(LONG));
    assertTrue(scope.submit(ran::countDown));
    assertTrue(ran.await(20, TimeUnit.SECONDS), "the scope goes on");
    assertTrue(scope.close(LONG));
  }

  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }
}
