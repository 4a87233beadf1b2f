package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CallTest {
  private final Call<Integer, Integer> call = new Call<>((connection, all) -> all, 1);

  private Integer await(Duration untilTaken, Duration untilDone) throws Exception {
    return call.await(untilTaken, untilDone);
  }

  @Test
  void aCallThatIsNotTakenInTimeNeverRuns() {
    DatabaseException late =
        assertThrows(DatabaseException.class, () -> await(Duration.ZERO, StoreFixture.LONG));
    assertTrue(late.getMessage().startsWith("not begun"), late.getMessage());
    assertFalse(call.take(), "its caller was told that it was not begun");
  }

  @Test
  void aCallThatIsTakenRunsOnWithoutItsCaller() throws Exception {
    assertTrue(call.take());
    assertThrows(DatabaseException.class, () -> await(Duration.ZERO, Duration.ZERO));
    assertTrue(call.take(), "put back, and taken again");
    Call.runAll(null, List.of(call));
    call.committed();
    assertEquals(1, await(Duration.ZERO, Duration.ZERO), "settled after its caller had left");
  }

  @Test
  void aFailureBehindTheCommitIsNotToldToo() throws Exception {
    List<String> told = new ArrayList<>();
    Call<Integer, Integer> one =
        new Call<>((sql, all) -> all, 1, 1, false, done -> told.add("done"), () -> told.add("no"));
    assertTrue(one.take());
    Call.runAll(null, List.of(one));
    one.committed();
    one.fail(new DatabaseException("the next call of its group"));
    assertEquals(List.of("done"), told);
  }

  /** The commit takes longer than a claim may wait for its turn, and then succeeds. */
  @Test
  @Proves("P9")
  void whoWaitsForACallThatIsTakenLearnsHowItEnds() throws Exception {
    assertTrue(call.take());
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> caller = callers.submit(() -> await(Duration.ZERO, StoreFixture.LONG));
      Call.runAll(null, List.of(call));
      call.committed();
      assertEquals(1, caller.get(20, TimeUnit.SECONDS));
    }
  }
}
