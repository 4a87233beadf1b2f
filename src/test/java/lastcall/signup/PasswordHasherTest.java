package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class PasswordHasherTest {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int KIB = 19456;
  private static final Duration LONG = Duration.ofSeconds(60);

  private final CountDownLatch release = new CountDownLatch(1);
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<PasswordHasher.Outcome>> all = new ArrayList<>();

  @AfterEach
  void end() {
    release.countDown();
    clients.close();
  }

  @Test
  void theStopAnswersWhoWaitsAndLetsWhoIsHashedGoOn() throws Exception {
    PasswordHasher hasher = stuck(1000, LONG);
    come(hasher, PROCESSORS + 20);
    hasher.stop();
    TestDatabase.await("all who wait are told", () -> hasher.callers() == PROCESSORS);
    assertInstanceOf(PasswordHasher.Stopping.class, hasher.hash("too late", null));
    release.countDown();
    assertEquals(PROCESSORS, count(PasswordHasher.Hash.class));
    assertEquals(20, count(PasswordHasher.Stopping.class));
    assertEquals(0, hasher.refused());
  }

  /** Room for thousands, but the last of those who have come would wait for 5 s, by estimate. */
  @Test
  void whoWouldWaitTooLongIsRefusedAtOnceAndToldHowLong() throws Exception {
    PasswordHasher hasher = stuck(10_000, Duration.ofMillis(4999));
    come(hasher, 100 * PROCESSORS - 1);
    assertNull(hasher.refuseIfBusy());
    come(hasher, 1);
    PasswordHasher.Busy busy = hasher.refuseIfBusy();
    assertEquals(new PasswordHasher.Busy(Duration.ofSeconds(5)), busy);
    assertEquals(busy, hasher.hash("one too many", null));
    assertEquals(2, hasher.refused());
    release.countDown();
    assertEquals(100 * PROCESSORS, count(PasswordHasher.Hash.class));
    assertNull(hasher.refuseIfBusy(), "nobody waits any more");
  }

  /** As after a SIGSTOP: one hash of a second where 50 ms are usual says little of the next. */
  @Test
  @Proves("P10")
  void aFrozenProcessDoesNotSendItsClientsAwayForMinutes() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    PasswordHasher hasher =
        new PasswordHasher(
            new AppConfig.Password(KIB, 2, 10),
            LONG,
            (password, like) -> {
              try {
                if (password.equals("frozen")) {
                  never.await(1, TimeUnit.SECONDS);
                } else {
                  release.await();
                }
                return "a hash";
              } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
              }
            });
    hasher.hash("frozen", null);
    come(hasher, PROCESSORS + 10);
    PasswordHasher.Busy busy = hasher.refuseIfBusy();
    assertNotNull(busy);
    assertTrue(busy.expectedWait().toMillis() < 1000, busy::toString);
  }

  @Test
  void whoWouldBeOneTooManyIsRefused() throws Exception {
    PasswordHasher hasher = stuck(3, LONG);
    come(hasher, PROCESSORS + 3);
    assertNotNull(hasher.refuseIfBusy());
    assertInstanceOf(PasswordHasher.Busy.class, hasher.hash("one too many", null));
  }

  /** The estimate said 50 ms, and then nothing moves. */
  @Test
  void nobodyWaitsForAThreadForLongerThanHeWasPromised() throws Exception {
    PasswordHasher hasher = stuck(10, Duration.ofMillis(100));
    come(hasher, PROCESSORS);
    assertInstanceOf(PasswordHasher.Busy.class, hasher.hash("stuck", null));
    release.countDown();
    assertEquals(PROCESSORS, count(PasswordHasher.Hash.class), "who has a thread, gets his hash");
  }

  /** At OWASP's cost, of which it is known beforehand that it takes 50 ms. */
  private PasswordHasher stuck(int maxQueued, Duration maxWait) {
    return new PasswordHasher(
        new AppConfig.Password(KIB, 2, maxQueued),
        maxWait,
        (password, like) -> {
          try {
            release.await();
            return "a hash";
          } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
          }
        });
  }

  private void come(PasswordHasher hasher, int count) {
    for (int i = 0; i < count; i++) {
      all.add(clients.submit(() -> hasher.hash("correct horse", null)));
    }
    TestDatabase.await("all have come", () -> hasher.callers() == all.size());
  }

  private long count(Class<? extends PasswordHasher.Outcome> outcome) throws Exception {
    long count = 0;
    for (Future<PasswordHasher.Outcome> one : all) {
      count += outcome.isInstance(one.get()) ? 1 : 0;
    }
    return count;
  }

  /** Otherwise each hash leaves 19 MiB behind, and the heap grows to whatever it may. */
  @Test
  void aThreadHashesInTheSameMemoryAgainAndAgain() throws Exception {
    PasswordHasher hasher = new PasswordHasher(new AppConfig.Password(KIB, 1, 10), LONG);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      hasher.hash("each thread's first takes its memory", null);
    }
    long before = threads.getTotalThreadAllocatedBytes();
    for (int i = 0; i < 10; i++) {
      hasher.hash("correct horse", null);
    }
    long allocated = threads.getTotalThreadAllocatedBytes() - before;
    assertTrue(allocated < 10L * KIB * 1024 / 2, allocated + " bytes for ten hashes");
  }
}
