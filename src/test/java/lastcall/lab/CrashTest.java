package lastcall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lastcall.mail.SmtpPhase;
import lastcall.store.StoreEvent;
import org.junit.jupiter.api.Test;

/** Which event stands for which point; that a halted process loses nothing, the drill shows. */
final class CrashTest {
  /** The writer's events of one group with a sign-up, then one with a result. */
  private static final List<StoreEvent> WRITER =
      List.of(
          new StoreEvent.SignupsInserted(0, 0), // a taken address is no sign-up
          new StoreEvent.Committing(1),
          new StoreEvent.Committed(1, Duration.ZERO),
          new StoreEvent.SignupsInserted(1, 0),
          new StoreEvent.Committing(1),
          new StoreEvent.Committed(1, Duration.ZERO),
          new StoreEvent.ResultsWritten(1),
          new StoreEvent.Committing(1),
          new StoreEvent.Committed(1, Duration.ZERO),
          new StoreEvent.Released(0),
          new StoreEvent.Closing());

  @Test
  void writerPassesItsPointsInOrder() {
    List<String> passed = new ArrayList<>();
    for (CrashPoint point : CrashPoint.values()) {
      List<Integer> at = new ArrayList<>();
      int[] index = {0};
      Crash crash = new Crash(point, 1, () -> at.add(index[0]));
      for (StoreEvent event : WRITER) {
        crash.on(event);
        index[0]++;
      }
      at.forEach(i -> passed.add(point.spelled() + " " + i));
    }
    assertEquals(
        List.of(
            "after-insert 3",
            "before-commit 4",
            "after-commit 5",
            "in-results 6",
            "after-results 8",
            "in-release 9",
            "before-close 10"),
        passed);
  }

  @Test
  void crashesOnceAtTheTimeAskedFor() {
    int[] halts = {0};
    Crash crash = new Crash(CrashPoint.AFTER_DOT, 3, () -> halts[0]++);
    for (int i = 1; i <= 5; i++) {
      crash.awaiting(SmtpPhase.RCPT);
      crash.awaiting(SmtpPhase.DOT);
      assertEquals(i < 3 ? 0 : 1, halts[0], "after the dot number " + i);
    }
  }

  @Test
  void unknownPointsAreRefused() {
    for (String wrong : List.of("after-lunch", "after-dot:0", "after-dot:x", "AFTER_DOT")) {
      String why =
          assertThrows(IllegalArgumentException.class, () -> Crash.parse(wrong, () -> {}))
              .getMessage();
      for (CrashPoint point : Arrays.asList(CrashPoint.values())) {
        assertTrue(why.contains(point.spelled()), why);
      }
    }
  }

  /** Before the result is handed over, which is before any listener of deliveries is told. */
  @Test
  void after250IsWhereTheAnswerToTheDotIsRead() {
    int[] halts = {0};
    Crash crash = new Crash(CrashPoint.AFTER_250, 1, () -> halts[0]++);
    crash.answered(SmtpPhase.RCPT, 250);
    crash.answered(SmtpPhase.DOT, 450);
    assertEquals(0, halts[0]);
    crash.answered(SmtpPhase.DOT, 250);
    assertEquals(1, halts[0]);
  }
}
