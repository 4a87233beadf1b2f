package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import lastcall.config.AppConfig;
import lastcall.mail.SendOutcome;
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
    outbox.start();
    assertTrue(outbox.stopDispatching(LONG));
    for (int i = 0; i < 300; i++) {
      signUp("n" + i);
    }
    outbox.drain(AppConfig.Drain.DUE, LONG, LONG);
    assertEquals(0, outbox.inFlight(), "nothing is uncommitted when it returns");
    assertEquals("299", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
    assertEquals("due null 1", sql.mail("n7"));
    assertEquals(300, mailer.total());
    assertEquals(0, outbox.release(LONG));
  }

  /** One lost connection is no reason to leave an e-mail behind with all the time in the world. */
  @Test
  @Proves("P1")
  void drainOutlastsTroubleOfTheServer() throws Exception {
    var first = new AtomicInteger();
    mailer.answers =
        name -> first.incrementAndGet() == 1 ? new SendOutcome.ServerTrouble(FAILURE) : SENT;
    signUp("a");
    outbox.drain(AppConfig.Drain.DUE, LONG, LONG);
    assertEquals("sent null 1", sql.mail("a"));
  }

  /** A claim whose commit worked, though its answer got lost with the connection. */
  @Test
  void drainSendsWhatIsOursAndNobodyKnowsOf() throws Exception {
    signUp("a");
    database.outbox("me").claim(1, LONG, OutboxStore.ANY_AGE);
    outbox.drain(AppConfig.Drain.DUE, LONG, LONG);
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
    outbox.start();
    await(sending);
    outbox.stopDispatching(LONG);
    for (AppConfig.Drain mode : AppConfig.Drain.values()) {
      long began = System.nanoTime();
      outbox.drain(mode, Duration.ofMillis(300), LONG); // gives up: it is still in flight
      assertTrue(System.nanoTime() - began >= 300_000_000, "gave up early");
      assertEquals(1, outbox.inFlight());
    }
    sql.fill();
    answer.countDown();
    TestDatabase.await("the result is not taken", () -> !database.healthy());
    assertTrue(scope.awaitIdle(LONG));
    assertEquals(1, outbox.inFlight(), "sent, but not recorded");
    assertEquals(1, outbox.flush(Duration.ofMillis(10)));
    sql.empty();
    outbox.drain(AppConfig.Drain.DUE, LONG, LONG);
    assertEquals(0, outbox.inFlight());
    assertEquals("sent null 1", sql.mail("a"));
  }

  @Test
  void inFlightDrainClaimsNothing() throws Exception {
    signUp("a", "b");
    outbox.drain(AppConfig.Drain.IN_FLIGHT, LONG, LONG);
    assertEquals(0, mailer.total());
    assertEquals("due null 0", sql.mail("a"));
  }

  @Test
  @Proves("P2")
  void beginsNoSendThatCannotEnd() throws Exception {
    mailer.answers =
        name -> {
          TestDatabase.await("a slow send", new Elapsed(Duration.ofMillis(400)));
          return SENT;
        };
    signUp("slow");
    outbox.start();
    awaitRecorded(1);
    outbox.stopDispatching(LONG);
    signUp("late");
    outbox.drain(AppConfig.Drain.DUE, Duration.ofMillis(390), LONG);
    assertEquals("due null 0", sql.mail("late"));
    outbox.drain(AppConfig.Drain.DUE, LONG, LONG);
    assertEquals("sent null 1", sql.mail("late"));
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
    outbox.start();
    await(both);
    outbox.stopDispatching(LONG);
    TestDatabase.await("one in flight", () -> outbox.inFlight() == 1);
    assertEquals("due null 0", sql.mail("cut"));
    assertEquals(0, outbox.release(LONG));
    assertEquals("due null 1", sql.mail("hangs"));
    hang.countDown();
    TestDatabase.await("ended", () -> outbox.inFlight() == 0);
    var last = assertInstanceOf(DeliveryEvent.Recorded.class, events.getLast());
    assertFalse(last.owned(), "too late: the row was given back");
    assertEquals("due null 1", sql.mail("hangs"));
  }

  private record Elapsed(Duration span, long began) implements BooleanSupplier {
    Elapsed(Duration span) {
      this(span, System.nanoTime());
    }

    @Override
    public boolean getAsBoolean() {
      return System.nanoTime() - began >= span.toNanos();
    }
  }
}
