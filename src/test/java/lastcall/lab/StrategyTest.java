package lastcall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import lastcall.shutdown.Deadline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which strategy waits for what; what each loses under a real load, the drill counts. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StrategyTest {
  private static final Deadline FAR = Deadline.in(Duration.ofHours(1));

  private final CountDownLatch begun = new CountDownLatch(3);
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final AtomicInteger ended = new AtomicInteger();

  private void task() {
    begun.countDown();
    try {
      mayEnd.await();
      ended.incrementAndGet();
    } catch (InterruptedException e) {
      ended.addAndGet(100);
    }
  }

  private void submitThree(Strategy strategy) throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      assertTrue(strategy.submit(this::task));
    }
    begun.await();
  }

  static Stream<Strategy> waiting() {
    return Stream.of(
        new Channels(3), new ClosingWaitGroup(), new PlainWaitGroup(), new Executor(), new Scope());
  }

  @ParameterizedTest
  @MethodSource("waiting")
  void waitsForWhatRuns(Strategy strategy) throws Exception {
    submitThree(strategy);
    Thread stop = Thread.ofPlatform().daemon().start(() -> stop(strategy));
    Set<Thread.State> waits = Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
    while (stop.isAlive() && !waits.contains(stop.getState())) {
      Thread.onSpinWait();
    }
    assertTrue(stop.isAlive(), "it has returned while three tasks run");
    mayEnd.countDown();
    stop.join();
    assertEquals(3, ended.get());
  }

  private static void stop(Strategy strategy) {
    try {
      strategy.stop(FAR);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noneAndSleepLeaveItRunning() throws Exception {
    Strategy none = new None();
    submitThree(none);
    none.stop(FAR);
    new Sleep().stop(FAR);
    assertEquals(0, ended.get());
    mayEnd.countDown();
  }

  @ParameterizedTest
  @MethodSource("waiting")
  void whoHasADeadlineKeepsIt(Strategy strategy) throws Exception {
    if (strategy instanceof Executor || strategy instanceof Scope) {
      submitThree(strategy);
      strategy.stop(Deadline.in(Duration.ZERO));
      while (ended.get() < 300) { // interrupted, all three
        Thread.onSpinWait();
      }
    } else {
      mayEnd.countDown();
      strategy.stop(FAR);
    }
    boolean refuses = !(strategy instanceof PlainWaitGroup || strategy instanceof Channels);
    assertEquals(!refuses, strategy.submit(() -> {}), "a task behind the stop");
  }

  @Test
  void waitGroupWaitsForAll() throws Exception {
    WaitGroup group = new WaitGroup();
    group.await();
    group.add();
    group.add();
    group.done();
    Thread waits =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                group.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    assertFalse(waits.join(Duration.ofMillis(20)));
    group.done();
    assertTrue(waits.join(Duration.ofSeconds(20)), "waits although nothing runs");
  }
}
