package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.AppConfig;
import lastcall.mail.SendOutcome;
import lastcall.shutdown.Deadline;
import lastcall.store.OutboxStore;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class OutboxDrainTest extends OutboxFixture {
  @Test
  @Proves("P1")
  void drainSendsWhatIsDueAndLeavesRetries() throws Exception {
    mailer.answers = name -> name.equals("n7") ? new SendOutcome.Deferred(FAILURE) : SENT;
    outbox.start(false);
    assertTrue(outbox.stopDispatching(LONG));
    for (int i = 0; i < 300; i++) {
      signUp("n" + i);
    }
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals(0, outbox.inFlight(), "nothing is uncommitted when it returns");
    assertEquals("299", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
    assertEquals("due null 1", sql.mail("n7"));
    assertEquals(300, mailer.total());
    assertEquals(0, release(AppConfig.Drain.DUE).released());
  }

  /** One lost connection is no reason to leave an e-mail behind with all the time in the world. */
  @Test
  @Proves("P1")
  void drainOutlastsTroubleOfTheServer() throws Exception {
    var first = new AtomicInteger();
    mailer.answers =
        name -> first.incrementAndGet() == 1 ? new SendOutcome.ServerTrouble(CLOSING) : SENT;
    signUp("a");
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals("sent null 1", sql.mail("a"));
  }

  /** A claim whose commit worked, though its answer got lost with the connection. */
  @Test
  void drainSendsWhatIsOursAndNobodyKnowsOf() throws Exception {
    signUp("a");
    database.outbox("me").claim(1, LONG, OutboxStore.ANY_AGE);
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals("sent null 1", sql.mail("a"));
  }

  @Test
  void drainWaitsForUncommittedResults() throws Exception {
    signUp("a");
    var sending = new CountDownLatch(1);
    var answer = new CountDownLatch(1);
    mailer.answers =
        name -> {
          sending.countDown();
          await(answer);
          return SENT;
        };
    outbox.start(false);
    await(sending);
    outbox.stopDispatching(LONG);
    for (AppConfig.Drain mode : AppConfig.Drain.values()) {
      long began = System.nanoTime();
      drain(mode, Duration.ofMillis(300)); // gives up: it is still in flight
      assertTrue(System.nanoTime() - began >= 300_000_000, "gave up early");
      assertEquals(1, outbox.inFlight());
    }
    sql.fill();
    answer.countDown();
    TestDatabase.await("the result is not taken", () -> !database.healthy());
    assertTrue(scope.awaitIdle(LONG));
    assertEquals(1, outbox.inFlight(), "sent, but not recorded");
    sql.empty();
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals(0, outbox.inFlight());
    assertEquals("sent null 1", sql.mail("a"));
  }

  @Test
  void inFlightDrainClaimsNothing() throws Exception {
    signUp("a", "b");
    drain(AppConfig.Drain.IN_FLIGHT, LONG);
    assertEquals(0, mailer.total());
    assertEquals("due null 0", sql.mail("a"));
  }

  @Test
  @Proves("P2")
  void claimsNothingInTheLastSecond() throws Exception {
    signUp("late");
    drain(AppConfig.Drain.DUE, Duration.ofMillis(990));
    assertEquals("due null 0", sql.mail("late"));
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals("sent null 1", sql.mail("late"));
  }

  /** It said nothing about the others, and kept all of them from being sent. */
  @Test
  @Proves("P1")
  void oneSlowSendLongAgoKeepsNoOtherFromBeingSent() throws Exception {
    mailer.answers =
        name -> {
          TestDatabase.await(
              "a slow send", new Elapsed(Duration.ofSeconds(name.equals("slow") ? 5 : 0)));
          return SENT;
        };
    signUp("slow");
    outbox.start(false);
    awaitRecorded(1);
    outbox.stopDispatching(LONG);
    signUp("a", "b");
    drain(AppConfig.Drain.DUE, Duration.ofMillis(4900));
    assertEquals("sent null 1", sql.mail("a"));
    assertEquals("sent null 1", sql.mail("b"));
  }

  @Test
  @Proves("P1")
  void anUnknownEmailThatIsSentInTheSameStopCountsAsSent() throws Exception {
    mailer.answers = name -> new SendOutcome.Unknown(FAILURE);
    signUp("a", "b");
    outbox.countEndings();
    drain(AppConfig.Drain.DUE, LONG);
    sql.execute("UPDATE outbox SET due_at = 1 WHERE id = 'mail-a'"); // its wait is over
    mailer.answers = name -> SENT;
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals(new StopCounts(1, 0, 0, 1, 0), release(AppConfig.Drain.DUE));
    assertEquals("sent null 2", sql.mail("a"));
    assertEquals("due null 1", sql.mail("b"));
  }

  @Test
  @Proves("P2")
  void aSendThatEndsInServerTroubleDuringTheStopIsKept() throws Exception {
    var both = new CountDownLatch(2);
    var stopping = new CountDownLatch(1);
    mailer.answers =
        name -> {
          both.countDown();
          await(stopping);
          return name.equals("later")
              ? new SendOutcome.Deferred(FAILURE)
              : new SendOutcome.ServerTrouble(CLOSING);
        };
    signUp("a", "later");
    outbox.start(false);
    await(both);
    outbox.stopDispatching(LONG);
    outbox.countEndings();
    stopping.countDown();
    drain(AppConfig.Drain.IN_FLIGHT, LONG);
    signUp("left to others");
    StopCounts left = release(AppConfig.Drain.IN_FLIGHT);
    assertEquals(1, left.released(), left::toString);
    assertEquals(new StopCounts(0, 1, left.later(), 0, 0), left);
    assertEquals("due null 0", sql.mail("a"));
  }

  @Test
  @Proves("P1")
  void whatWasStoredByAFastClockIsSent() throws Exception {
    signUp("fast");
    sql.execute("UPDATE outbox SET created_at = created_at + 3600000, due_at = due_at + 3600000");
    drain(AppConfig.Drain.DUE, LONG);
    assertEquals("sent null 1", sql.mail("fast"));
    assertEquals(1, count(DeliveryEvent.ClockSetBack.class));
  }

  private StopCounts release(AppConfig.Drain mode) throws InterruptedException {
    return outbox.release(mode, Deadline.in(Duration.ofSeconds(1)), Deadline.in(LONG));
  }

  @Test
  @Proves("P2")
  void releaseGivesBackWhatIsCutAndKeepsAttemptsOfWhatStillRuns() throws Exception {
    var hang = new CountDownLatch(1);
    var both = new CountDownLatch(2);
    mailer.answers =
        name -> {
          both.countDown();
          await(both);
          if (name.equals("cut")) {
            return new SendOutcome.NotSent("cut");
          }
          await(hang);
          return SENT;
        };
    signUp("cut", "hangs");
    outbox.start(false);
    await(both);
    outbox.stopDispatching(LONG);
    TestDatabase.await("one in flight", () -> outbox.inFlight() == 1);
    assertEquals("due null 0", sql.mail("cut"));
    assertEquals(new StopCounts(0, 1, 0, 0, 1), release(AppConfig.Drain.DUE));
    assertEquals("due null 1", sql.mail("hangs"));
    hang.countDown();
    TestDatabase.await(
        "too late: the row was given back",
        () ->
            events.stream()
                .anyMatch(e -> e instanceof DeliveryEvent.Recorded told && !told.owned()));
    assertEquals("due null 1", sql.mail("hangs"));
  }
}
