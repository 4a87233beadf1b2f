package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.store.OutboxStore;
import lastcall.store.Result;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class OutboxTest extends OutboxFixture {
  @Test
  void eachOutcomeLeavesItsRow() throws Exception {
    mailer.answers =
        name ->
            switch (name) {
              case "refused" -> new SendOutcome.Refused(FAILURE);
              case "deferred" -> new SendOutcome.Deferred(FAILURE);
              case "unknown" -> new SendOutcome.Unknown(FAILURE);
              case "runtime" -> throw new IllegalStateException(name);
              case "memory" -> throw new OutOfMemoryError(name);
              case "stack" -> throw new StackOverflowError(name);
              default -> SENT;
            };
    signUp("sent", "refused", "deferred", "unknown", "runtime", "memory", "stack");
    outbox.start(false);
    awaitRecorded(7);
    assertEquals("sent null 1", sql.mail("sent"));
    assertEquals("refused null 1", sql.mail("refused"));
    for (String name : List.of("deferred", "unknown", "runtime", "memory", "stack")) {
      assertEquals("due null 1", sql.mail(name), name);
    }
    assertEquals(
        "RCPT recipient: no", sql.row("SELECT last_error FROM outbox WHERE id = 'mail-deferred'"));
    TestDatabase.await("3 told", () -> ended(SendOutcome.Failed.class) == 3);
    assertEquals(
        "0",
        sql.row("SELECT COUNT(*) FROM outbox WHERE due_at <= " + sql.now() + " AND state = 'due'"));
    assertEquals(0, outbox.inFlight());
  }

  @Test
  @Proves("P6")
  void failsTooOftenAndIsExhausted() throws Exception {
    mailer.answers = name -> new SendOutcome.Deferred(FAILURE);
    signUp("a", "crashed");
    sql.execute("UPDATE outbox SET attempts = 2 WHERE id = 'mail-a'");
    sql.execute("UPDATE outbox SET attempts = 3 WHERE id = 'mail-crashed'"); // with the process
    outbox.start(false);
    awaitRecorded(2);
    assertEquals("exhausted null 3", sql.mail("a"));
    assertEquals("exhausted null 4", sql.mail("crashed"));
    assertEquals(1, mailer.total(), "the crashed one is not sent once more");
    TestDatabase.await("2 told", () -> events.stream().filter(OutboxTest::exhausted).count() == 2);
  }

  @Test
  @Proves("P5")
  void serverTroubleIsProbedOneByOneAndCostsNoAttempt() throws Exception {
    var all = new CountDownLatch(CONFIG.concurrency());
    mailer.answers =
        name -> {
          all.countDown();
          await(all); // so that all of the first go out before one of them closes the gate
          return new SendOutcome.ServerTrouble(CLOSING);
        };
    for (int i = 0; i < 20; i++) {
      signUp("n" + i);
    }
    outbox.start(false);
    awaitRecorded(8);
    mailer.most.set(0);
    TestDatabase.await("two probes", () -> mailer.total() >= 10);
    assertEquals(1, mailer.most.get());
    assertEquals(1, changes(Gate.Change.Closed.class));
    assertEquals("0", sql.row("SELECT SUM(attempts) - COUNT(owner) FROM outbox"));
    mailer.answers = name -> SENT;
    TestDatabase.await("all sent", () -> ended(SendOutcome.Sent.class) == 20);
    assertEquals(1, changes(Gate.Change.Opened.class));
    TestDatabase.await("all recorded", () -> outbox.inFlight() == 0);
    assertEquals("20 20", sql.row("SELECT COUNT(*), SUM(attempts) FROM outbox WHERE state='sent'"));
  }

  @Test
  @Proves("P5")
  void threeUnknownInARowCloseTheGate() throws Exception {
    mailer.answers = name -> new SendOutcome.Unknown(FAILURE);
    signUp("a", "b", "c");
    outbox.start(false);
    awaitRecorded(3);
    TestDatabase.await("closed", () -> changes(Gate.Change.Closed.class) == 1);
    mailer.answers = name -> new SendOutcome.Refused(FAILURE); // an answer, too
    signUp("d");
    wake(outbox);
    awaitRecorded(4);
    TestDatabase.await("opened", () -> changes(Gate.Change.Opened.class) == 1);
    assertEquals("due null 1", sql.mail("a"));
  }

  /** A server that takes e-mails and never says so. */
  @Test
  @Proves("P6")
  void anUnansweredEmailIsSentFiveTimesAndThenUnconfirmed() throws Exception {
    mailer.answers = name -> new SendOutcome.Unknown(FAILURE);
    signUp("a", "stopped");
    sql.execute("UPDATE outbox SET unknowns = 4 WHERE id = 'mail-a'");
    sql.execute("UPDATE outbox SET unknowns = 5 WHERE id = 'mail-stopped'"); // the last at a stop
    outbox.start(false);
    awaitRecorded(2);
    assertEquals("unconfirmed null 1", sql.mail("a"));
    assertEquals("unconfirmed null 1", sql.mail("stopped"));
    assertEquals(1, mailer.total());
    assertEquals("5 5", sql.row("SELECT MIN(unknowns), MAX(unknowns) FROM outbox"));
    signUp("b");
    wake(outbox);
    awaitRecorded(3);
    String wait = "SELECT (due_at - created_at) / 60000, unknowns FROM outbox WHERE id = 'mail-b'";
    assertEquals("1 1", sql.row(wait), "a minute");
  }

  /** The server's settings are wrong for a while: those that it refused first are sent as well. */
  @Test
  @Proves("P6")
  void emailsThatAServerRefusedOneAfterTheOtherAreKept() throws Exception {
    var broken = new AtomicBoolean(true);
    mailer.answers = name -> broken.get() ? new SendOutcome.Refused(FAILURE) : SENT;
    for (int i = 0; i < 12; i++) {
      signUp("n" + i);
    }
    outbox.start(false);
    TestDatabase.await("closed", () -> changes(Gate.Change.RefusesAll.class) == 1);
    String due = "SELECT COUNT(*), SUM(attempts), COUNT(owner) FROM outbox WHERE state = 'due'";
    TestDatabase.await("12 due", () -> row(due).equals("12 0 0"));
    broken.set(false);
    sql.execute("UPDATE outbox SET due_at = 0 WHERE owner IS NULL"); // a minute later
    wake(outbox);
    TestDatabase.await("all sent", () -> ended(SendOutcome.Sent.class) == 12);
    assertEquals(1, changes(Gate.Change.Opened.class));
  }

  private String row(String query) {
    try {
      return sql.row(query);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean exhausted(DeliveryEvent event) {
    return event instanceof DeliveryEvent.Ended ended
        && ended.result().state() == Result.State.EXHAUSTED;
  }

  @Test
  void listenerThatThrowsStopsNothing() throws Exception {
    var heard = new AtomicInteger();
    Outbox other =
        new Outbox(
            CONFIG,
            AppConfig.Drain.DUE,
            database.outbox("me"),
            mailer,
            scope,
            event -> {
              heard.incrementAndGet();
              throw new IllegalStateException("listener");
            });
    signUp("a", "b");
    other.start(false);
    TestDatabase.await("both sent, " + heard, () -> mailer.total() == 2 && other.inFlight() == 0);
    assertEquals("2", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
    signUp("c");
    wake(other);
    TestDatabase.await("still sends", () -> mailer.total() == 3 && other.inFlight() == 0);
    assertTrue(other.stopDispatching(LONG));
  }

  /** One submit fails, one task is taken and then dropped, since there was no thread for it. */
  @Test
  @Proves("P9")
  void anEmailWhoseTaskNeverRanIsGivenBackWithItsAttempt() throws Exception {
    BackgroundTasks flaky = new FlakyTasks(scope, new AtomicInteger());
    OutboxStore mine = database.outbox("me");
    WakeUp wakeUp = new WakeUp();
    Leases leases = new Leases(mine, CONFIG.lease(), wakeUp, events::add);
    Gate gate = new Gate(CONFIG.concurrency());
    Backoff backoff = new Backoff(LONG, LONG, RandomGenerator.getDefault());
    Delivery delivery =
        new Delivery(
            mailer, mine, leases, gate, backoff, CONFIG, new Endings(), wakeUp, events::add);
    var dispatcher = new Dispatcher(mine, flaky, leases, gate, delivery, wakeUp, events::add);
    signUp("a");
    dispatcher.start();
    awaitRecorded(1);
    assertEquals("sent null 1", sql.mail("a"));
    assertTrue(dispatcher.stop(LONG));
  }
}
