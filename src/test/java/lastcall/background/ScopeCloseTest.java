package lastcall.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ScopeCloseTest extends ScopeFixture {
  @Test
  void theDeadlineInterruptsWhatStillRuns() throws Exception {
    var scope = new BackgroundScope("send", 20, uncaught::add);
    for (int i = 0; i < 20; i++) {
      assertTrue(scope.submit(this::awaitRelease));
    }
    scope.stop();
    assertFalse(scope.awaitIdle(Duration.ofMillis(1)));
    assertEquals(20, scope.running());
    boolean closed = scope.close(Duration.ZERO) || scope.close(LONG); // 250 ms may be short here
    assertTrue(closed);
    assertEquals(20, uncaught.size());
    uncaught.forEach(thrown -> assertInstanceOf(InterruptedException.class, thrown));
  }

  @Test
  void aTaskThatIgnoresItsInterruptDoesNotHoldClose() throws Exception {
    var scope = new BackgroundScope("send", 1, uncaught::add);
    var interrupted = new CountDownLatch(1);
    assertTrue(
        scope.submit(() -> {
          while (release.getCount() > 0) {
            try {
              release.await();
            } catch (InterruptedException ignored) {
              interrupted.countDown();
            }
          }
        }));
    assertFalse(scope.close(Duration.ZERO));
    assertTrue(interrupted.await(20, TimeUnit.SECONDS));
    assertEquals(1, scope.running());
    release.countDown();
    assertTrue(scope.close(LONG), "and it has ended at last");
  }

  @Test
  void stoppingIsCleanAtAnyTimeFromAnyThread() throws Exception {
    for (int round = 0; round < 100; round++) {
      var unstarted = new BackgroundScope("send", 1, uncaught::add);
      var closed = new AtomicInteger();
      Runnable stop = () -> closed.addAndGet(closesTwice(unstarted));
      List<Thread> threads = List.of(Thread.startVirtualThread(stop), new Thread(stop));
      threads.getLast().start();
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(4, closed.get(), "round " + round);
    }
    assertEquals(List.of(), List.copyOf(uncaught));
  }

  @Test
  void behindTheStopNothingIsReserved() throws Exception {
    BackgroundScope scope = new BackgroundScope("test", 1, thrown -> {});
    scope.stop();
    assertFalse(scope.reserve());
    assertTrue(scope.close(Duration.ofSeconds(20)));
  }

  @Test
  void anEarlierDeadlineHolds() throws Exception {
    var scope = new BackgroundScope("send", 1, uncaught::add);
    assertTrue(scope.submit(this::awaitRelease));
    var patient = Thread.startVirtualThread(() -> closesTwice(scope));
    assertTrue(scope.close(Duration.ZERO) || scope.close(LONG));
    patient.join();
    assertInstanceOf(InterruptedException.class, uncaught.poll());
  }

  private static int closesTwice(BackgroundScope scope) {
    try {
      scope.stop();
      scope.stop();
      return (scope.close(LONG) ? 1 : 0) + (scope.close(Duration.ZERO) ? 1 : 0);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
