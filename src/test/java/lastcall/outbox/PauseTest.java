package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import lastcall.config.AppConfig;
import lastcall.shutdown.Deadline;
import lastcall.store.Claim;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** While the outbox is paused, nothing is claimed, by nobody. */
@Timeout(60)
final class PauseTest extends OutboxFixture {
  private static final long ENDLESS = 253402300799999L;

  private void pause() throws Exception {
    sql.execute("INSERT INTO pause VALUES (1, 1, " + ENDLESS + ", 'ann')");
  }

  private void resume() throws Exception {
    sql.execute("DELETE FROM pause");
  }

  private List<Long> told() {
    return events.stream()
        .filter(DeliveryEvent.Paused.class::isInstance)
        .map(event -> ((DeliveryEvent.Paused) event).until())
        .toList();
  }

  @Test
  void noClaimTakesAnything() throws Exception {
    OutboxStore other = database.outbox("other");
    signUp("a", "b");
    sql.execute("UPDATE outbox SET due_at = due_at + 3600000 WHERE id = 'mail-b'");
    pause();
    Claim claim = other.claim(9, LONG, OutboxStore.ANY_AGE);
    assertEquals(List.of(), claim.mails());
    assertEquals(ENDLESS, claim.pausedUntil());
    assertTrue(claim.untilNext().compareTo(Duration.ofDays(1)) > 0, "not before the pause ends");
    assertEquals(new Pending(0, 0, 2), other.pending(OutboxStore.ANY_AGE, 100));
    assertFalse(other.anyDue(LONG, OutboxStore.ANY_AGE));
    sql.execute("UPDATE pause SET paused_until = " + sql.now() + " - 1"); // it has ended
    assertEquals(new Pending(1, 0, 1), other.pending(OutboxStore.ANY_AGE, 100));
    assertTrue(other.anyDue(LONG, OutboxStore.ANY_AGE));
    Claim after = other.claim(9, LONG, OutboxStore.ANY_AGE);
    assertEquals(0, after.pausedUntil());
    assertEquals("mail-a", after.mails().getFirst().id());
  }

  /** What runs goes on; new e-mails are stored and not begun; then all go on by themselves. */
  @Test
  void whatIsInFlightGoesOnAndTheRestWaits() throws Exception {
    CountDownLatch sending = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    mailer.answers =
        name -> {
          sending.countDown();
          await(go);
          return SENT;
        };
    signUp("a");
    outbox.start(false);
    await(sending);
    pause();
    TestDatabase.await("the dispatcher sees it", () -> told().equals(List.of(ENDLESS)));
    go.countDown();
    awaitRecorded(1);
    assertEquals("sent null 1", sql.mail("a"));
    assertFalse(outbox.claim("mail-new", System.nanoTime()), "nor as it is stored");
    signUp("b");
    wake(outbox);
    TestDatabase.await("another look", () -> outbox.wakeUp.backlog());
    assertEquals("due null 0", sql.mail("b"));
    resume();
    awaitRecorded(2);
    assertEquals("sent null 1", sql.mail("b"));
    assertEquals(List.of(ENDLESS, 0L), told());
  }

  /** The drain does not wait for what is paused, says so, and it does not count as kept. */
  @Test
  void aStopLeavesItForLater() throws Exception {
    pause();
    outbox.start(false);
    TestDatabase.await("the dispatcher sees it", () -> told().equals(List.of(ENDLESS)));
    signUp("a", "b");
    outbox.countEndings();
    outbox.stopDispatching(LONG);
    drain(AppConfig.Drain.DUE, Duration.ofMinutes(5));
    assertEquals(
        new StopCounts(0, 0, 2, 0, 0),
        outbox.release(AppConfig.Drain.DUE, Deadline.in(LONG), Deadline.in(LONG)));
    assertEquals(List.of(ENDLESS, ENDLESS), told());
    assertEquals("due null 0", sql.mail("a"));
  }
}
