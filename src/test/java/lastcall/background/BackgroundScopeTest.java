package lastcall.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class BackgroundScopeTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int JDK = Runtime.version().feature();

  private final BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);

  @Test
  void whatIsAcceptedBeforeTheStopRuns() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      var scope = new BackgroundScope("send", 1 + random.nextInt(8), uncaught::add);
      var accepted = new AtomicInteger();
      var ran = new AtomicInteger();
      var begin = new CyclicBarrier(4);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(
            Thread.startVirtualThread(() -> {
              await(begin);
              for (int task = 0; task < 50; task++) {
                if (scope.submit(ran::incrementAndGet)) {
                  accepted.incrementAndGet();
                }
              }
            }));
      }
      int head = random.nextInt(2_000);
      await(begin);
      for (int spin = 0; spin < head; spin++) {
        Thread.onSpinWait();
      }
      scope.stop();
      boolean closed = scope.close(LONG);
      for (Thread thread : threads) {
        thread.join();
      }
      String where = "seed " + seed + ", round " + round;
      assertTrue(closed, where);
      assertEquals(accepted.get(), ran.get(), where);
      assertEquals(0, scope.running(), where);
    }
    assertEquals(List.of(), List.copyOf(uncaught));
  }

  @Test
  void takesNoMoreThanItsSlotsAndFreesThem() throws Exception {
    var scope = new BackgroundScope("send", 2, uncaught::add);
    assertTrue(scope.submit(this::awaitRelease));
    assertTrue(scope.submit(this::awaitRelease));
    assertFalse(scope.submit(() -> {}));
    assertEquals(0, scope.freeSlots());
    assertFalse(scope.awaitFreeSlot(Duration.ofMillis(1)));
    assertFalse(scope.awaitIdle(Duration.ofMillis(1)));
    release.countDown();
    assertTrue(scope.awaitFreeSlot(LONG));
    assertTrue(scope.awaitIdle(LONG));
    assertEquals(2, scope.freeSlots());
    assertTrue(scope.close(LONG));
    assertEquals(0, scope.freeSlots(), "a stopped scope invites nobody");
  }

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
    assertTrue(scope.submit(() -> {}));
    assertSame(none, uncaught.poll(20, TimeUnit.SECONDS));
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
  void anEarlierDeadlineHolds() throws Exception {
    var scope = new BackgroundScope("send", 1, uncaught::add);
    assertTrue(scope.submit(this::awaitRelease));
    var patient = Thread.startVirtualThread(() -> closesTwice(scope));
    assertTrue(scope.close(Duration.ZERO) || scope.close(LONG));
    patient.join();
    assertInstanceOf(InterruptedException.class, uncaught.poll());
  }

  @Test
  void runsOnThreadsThatAngusDoesNotPin() throws Exception {
    var scope = new BackgroundScope("send", 1, uncaught::add);
    BlockingQueue<Thread> thread = new LinkedBlockingQueue<>();
    assertTrue(scope.submit(() -> thread.add(Thread.currentThread())));
    Thread ran = thread.poll(20, TimeUnit.SECONDS);
    assertEquals(JDK >= 24, ran.isVirtual());
    assertTrue(ran.isDaemon());
    assertEquals("send-1", ran.getName());
    assertTrue(scope.close(LONG));
  }

  @Test
  void aThreadDumpShowsTheTasksUnderTheirScope(@TempDir Path dir) throws Exception {
    var scope = new BackgroundScope("send", 2, uncaught::add);
    var running = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      assertTrue(
          scope.submit(() -> {
            running.countDown();
            awaitRelease();
          }));
    }
    assertTrue(running.await(20, TimeUnit.SECONDS));
    Path file = dir.resolve("threads.json");
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(file.toString(), ThreadDumpFormat.JSON);
    release.countDown();
    assertTrue(scope.close(LONG));
    String dump = Files.readString(file);
    int begin = dump.indexOf("\"container\": \"send");
    assertTrue(begin >= 0, dump);
    int end = dump.indexOf("\"container\":", begin + 1);
    String container = dump.substring(begin, end < 0 ? dump.length() : end);
    assertTrue(container.contains("\"name\": \"send-1\""), container);
    assertTrue(container.contains("\"name\": \"send-2\""), container);
    assertFalse(container.contains("\"owner\": null"), container);
  }

  private void assertGoesOn(BackgroundScope scope) throws InterruptedException {
    var ran = new CountDownLatch(1);
    assertTrue(scope.awaitFreeSlot(LONG));
    assertTrue(scope.submit(ran::countDown));
    assertTrue(ran.await(20, TimeUnit.SECONDS), "the scope goes on");
    assertTrue(scope.close(LONG));
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

  private void awaitRelease() {
    awaitUnchecked(release);
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      sneak(e);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      sneak(e);
    }
  }

  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> boolean sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
