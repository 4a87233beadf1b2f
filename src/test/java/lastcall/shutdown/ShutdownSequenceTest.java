package lastcall.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class ShutdownSequenceTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final List<String> ran = new CopyOnWriteArrayList<>();

  @Test
  void phasesRunInOrder() {
    var sequence = sequence(phase("a"), phase("b"), phase("c"));
    DrainReport report = sequence.run(Deadline.in(Duration.ZERO));
    assertEquals(List.of("a", "b", "c"), ran);
    assertEquals(0, report.failedPhases());
    assertEquals(0, report.status());
    assertFalse(report.took().isNegative());
  }

  @Test
  void aPhaseThatThrowsSkipsNoOther() {
    var sequence =
        sequence(
            phase("a", LONG, until -> thrown(new IllegalStateException("expected"))),
            phase("b"),
            phase("c", LONG, until -> thrown(new StackOverflowError("expected"))),
            phase("d"));
    DrainReport report = sequence.run(Deadline.in(Duration.ZERO));
    assertEquals(List.of("b", "d"), ran);
    assertEquals(2, report.failedPhases());
    assertEquals(DrainReport.FAILED, report.status());
  }

  @Test
  void aPhaseThatIsStuckIsLeftBehindAtItsBound() throws Exception {
    var interrupted = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    var late = new LinkedBlockingQueue<Deadline>();
    var sequence =
        sequence(
            phase(
                "stuck",
                Duration.ZERO,
                until -> {
                  while (never.getCount() > 0) {
                    try {
                      never.await();
                    } catch (InterruptedException ignored) {
                      interrupted.countDown();
                    }
                  }
                }),
            phase("late", Duration.ZERO, late::add));
    DrainReport report = sequence.run(Deadline.in(Duration.ZERO));
    assertEquals(1, report.failedPhases());
    assertTrue(late.remove().passed(), "the phase behind has its turn, and knows that it is late");
    assertTrue(interrupted.await(20, TimeUnit.SECONDS));
    never.countDown();
  }

  @Test
  void runsOnceAndTellsAllTheSame() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var sequence =
        sequence(
            phase(
                "a",
                LONG,
                until -> {
                  ran.add("a");
                  begun.countDown();
                  goOn.await();
                }));
    var reports = new LinkedBlockingQueue<DrainReport>();
    var first = Thread.startVirtualThread(() -> reports.add(sequence.run(now())));
    assertTrue(begun.await(20, TimeUnit.SECONDS));
    var second = Thread.startVirtualThread(() -> reports.add(sequence.run(now())));
    // It is inside run: for a lock, or, were there none, for phases of its own.
    while (second.getState() != Thread.State.WAITING
        && second.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    first.join();
    second.join();
    DrainReport report = sequence.run(now());
    assertEquals(List.of("a"), ran);
    assertSame(report, reports.remove());
    assertSame(report, reports.remove());
  }

  @Test
  void aTallyThatFailsIsAFailureAndDoesNotRunThePhasesAgain() {
    var sequence =
        new ShutdownSequence(
            List.of(phase("a")),
            (failed, took) -> {
              throw new IllegalStateException("expected");
            });
    assertEquals(DrainReport.FAILED, sequence.run(now()).status());
    assertEquals(DrainReport.FAILED, sequence.run(now()).status());
    assertEquals(List.of("a"), ran);
  }

  @Test
  void boundsGoForward() {
    var a = phase("a", Duration.ofSeconds(2), until -> {});
    var b = phase("b", Duration.ofSeconds(1), until -> {});
    assertThrows(IllegalArgumentException.class, () -> sequence(a, b));
  }

  @Test
  void theStatusTellsWhatIsKeptAndWhatFailed() {
    assertEquals(0, report(0, 0, 0, 0, 0));
    assertEquals(DrainReport.KEPT, report(1, 0, 0, 0, 0));
    assertEquals(DrainReport.KEPT, report(0, 1, 0, 0, 0));
    assertEquals(DrainReport.KEPT, report(0, 0, 1, 0, 0));
    assertEquals(DrainReport.FAILED, report(1, 0, 0, 1, 0), "a failure outranks what is kept");
    assertEquals(DrainReport.FAILED, report(0, 0, 0, 0, 1));
  }

  private static int report(int released, int unknown, int unrecorded, int cutOff, int failed) {
    return new DrainReport(7, released, 3, unknown, unrecorded, cutOff, failed, LONG).status();
  }

  private static Deadline now() {
    return Deadline.in(Duration.ZERO);
  }

  private ShutdownSequence sequence(ShutdownPhase... phases) {
    return new ShutdownSequence(
        List.of(phases), (failed, took) -> new DrainReport(0, 0, 0, 0, 0, 0, failed, took));
  }

  private ShutdownPhase phase(String name) {
    return phase(name, LONG, until -> ran.add(name));
  }

  private static ShutdownPhase phase(String name, Duration bound, ShutdownPhase.Step step) {
    return new ShutdownPhase(name, "it is a test", bound, step);
  }

  private static void thrown(RuntimeException exception) {
    throw exception;
  }

  private static void thrown(Error error) {
    throw error;
  }
}
