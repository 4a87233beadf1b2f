package lastcall.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class BackgroundScopeTest extends ScopeFixture {
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

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      sneak(e);
    }
  }
}
