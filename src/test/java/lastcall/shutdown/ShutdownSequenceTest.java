package lastcall.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
    int failed = sequence.run(Deadline.in(Duration.ZERO));
    assertEquals(List.of("a", "b", "c"), ran);
    assertEquals(0, failed);
  }

  @Test
  void aPhaseThatThrowsSkipsNoOther() {
    var sequence =
        sequence(
            phase("a", LONG, until -> thrown(new IllegalStateException("expected"))),
            phase("b"),
            phase("c", LONG, until -> thrown(new StackOverflowError("expected"))),
            phase("d"));
    int failed = sequence.run(Deadline.in(Duration.ZERO));
    assertEquals(List.of("b", "d"), ran);
    assertEquals(2, failed);
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
    int failed = sequence.run(Deadline.in(Duration.ZERO));
    assertEquals(1, failed);
    assertTrue(late.remove().passed(), "the phase behind has its turn, and knows that it is late");
    assertTrue(interrupted.await(20, TimeUnit.SECONDS));
    never.countDown();
  }

  private ShutdownSequence sequence(ShutdownPhase... phases) {
    return new ShutdownSequence(List.of(phases));
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
