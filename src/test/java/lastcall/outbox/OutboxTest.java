package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import lastcall.background.BackgroundScope;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.mail.Mailer;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.mail.SmtpPhase;
import lastcall.mail.WelcomeMail;
import lastcall.store.Database;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class OutboxTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final SmtpFailure FAILURE = new SmtpFailure(SmtpPhase.RCPT, 450, "4.2.1", "no");
  private static final SendOutcome SENT = new SendOutcome.Sent();
  private static final AppConfig.Delivery CONFIG =
      new AppConfig.Delivery(8, LONG, 3, Duration.ofHours(1), Duration.ofHours(1));

  /** Answers as it is told, and counts. */
  private static final class StubMailer implements Mailer {
    volatile Function<String, SendOutcome> answers = name -> SENT;
    final Map<String, AtomicInteger> sends = new ConcurrentHashMap<>();
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();

    @Override
    public SendOutcome send(WelcomeMail mail, BooleanSupplier mayBegin) {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      try {
        sends.computeIfAbsent(mail.name(), name -> new AtomicInteger()).incrementAndGet();
        return mayBegin.getAsBoolean()
            ? answers.apply(mail.name())
            : new SendOutcome.NotSent("lease");
      } finally {
        running.decrementAndGet();
      }
    }

    int total() {
      return sends.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    @Override
    public void cutUnsent() {}

    @Override
    public void cutAll() {}

    @Override
    public void close() {}
  }

  @TempDir Path directory;
  private Database database;
  private TestDatabase sql;
  private BackgroundScope scope;
  private Outbox outbox;
  private final StubMailer mailer = new StubMailer();
  private final List<DeliveryEvent> events = new CopyOnWriteArrayList<>();
  private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() throws SQLException {
    Path file = directory.resolve("lastcall.db");
    database = Database.open(file);
    sql = new TestDatabase(file);
    scope = new BackgroundScope("send", CONFIG.concurrency(), uncaught::add);
    outbox = new Outbox(CONFIG, database.outbox("me"), mailer, scope, events::add);
  }

  @AfterEach
  void close() throws Exception {
    outbox.stopDispatching(LONG);
    assertTrue(scope.close(LONG), "a send hangs");
    sql.close();
    assertTrue(database.close(LONG), "the writer hangs");
    assertEquals(List.of(), uncaught);
  }

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
    outbox.start();
    awaitRecorded(7);
    assertEquals("sent null 1", sql.mail("sent"));
    assertEquals("refused null 1", sql.mail("refused"));
    for (String name : List.of("deferred", "unknown", "runtime", "memory", "stack")) {
      assertEquals("due null 1", sql.mail(name), name);
    }
    assertEquals(
        "RCPT no", sql.row("SELECT last_error FROM outbox WHERE id = 'mail-deferred'"));
    assertEquals(3, events.stream().filter(DeliveryEvent.Failed.class::isInstance).count());
    assertEquals(0, outbox.pending().due() + outbox.pending().claimed());
    assertEquals(0, outbox.inFlight());
  }

  @Test
  @Proves("P6")
  void failsTooOftenAndIsExhausted() throws Exception {
    mailer.answers = name -> new SendOutcome.Deferred(FAILURE);
    signUp("a", "crashed");
    sql.execute("UPDATE outbox SET attempts = 2 WHERE id = 'mail-a'");
    sql.execute("UPDATE outbox SET attempts = 3 WHERE id = 'mail-crashed'"); // with the process
    outbox.start();
    awaitRecorded(2);
    assertEquals("exhausted null 3", sql.mail("a"));
    assertEquals("exhausted null 4", sql.mail("crashed"));
    assertEquals(1, mailer.total(), "the crashed one is not sent once more");
    assertEquals(2, events.stream().filter(DeliveryEvent.Exhausted.class::isInstance).count());
  }

  @Test
  @Proves("P5")
  void serverTroubleIsProbedOneByOneAndCostsNoAttempt() throws Exception {
    var all = new CountDownLatch(CONFIG.concurrency());
    mailer.answers =
        name -> {
          all.countDown();
          await(all); // so that all of the first go out before one of them closes the gate
          return new SendOutcome.ServerTrouble(FAILURE);
        };
    for (int i = 0; i < 20; i++) {
      signUp("n" + i);
    }
    outbox.start();
    awaitRecorded(8);
    mailer.most.set(0);
    TestDatabase.await("two probes", () -> mailer.total() >= 10);
    assertEquals(1, mailer.most.get());
    assertEquals(1, count(DeliveryEvent.GateClosed.class));
    assertEquals("0", sql.row("SELECT SUM(attempts - (owner IS NOT NULL)) FROM outbox"));
    mailer.answers = name -> SENT;
    TestDatabase.await("all sent", () -> count(DeliveryEvent.Sent.class) == 20);
    assertEquals(1, count(DeliveryEvent.GateOpened.class));
    TestDatabase.await("all recorded", () -> outbox.inFlight() == 0);
    assertEquals("20 20", sql.row("SELECT COUNT(*), SUM(attempts) FROM outbox WHERE state='sent'"));
  }

  @Test
  @Proves("P5")
  void threeUnknownInARowCloseTheGate() throws Exception {
    mailer.answers = name -> new SendOutcome.Unknown(FAILURE);
    signUp("a", "b", "c");
    outbox.start();
    awaitRecorded(3);
    assertEquals(1, count(DeliveryEvent.GateClosed.class));
    mailer.answers = name -> new SendOutcome.Refused(FAILURE); // an answer, too
    signUp("d");
    outbox.wake();
    awaitRecorded(4);
    assertEquals(1, count(DeliveryEvent.GateOpened.class));
    assertEquals("due null 1", sql.mail("a"));
  }

  @Test
  void listenerThatThrowsStopsNothing() throws Exception {
    var heard = new AtomicInteger();
    Outbox other =
        new Outbox(
            CONFIG,
            database.outbox("me"),
            mailer,
            scope,
            event -> {
              heard.incrementAndGet();
              throw new IllegalStateException("listener");
            });
    signUp("a", "b");
    other.start();
    TestDatabase.await("both sent, " + heard, () -> mailer.total() == 2 && other.inFlight() == 0);
    assertEquals("2", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
    signUp("c");
    other.wake();
    TestDatabase.await("still sends", () -> mailer.total() == 3 && other.inFlight() == 0);
    assertTrue(other.stopDispatching(LONG));
  }

  @Test
  void dispatcherOutlivesAnError() throws Exception {
    var submitted = new AtomicInteger();
    BackgroundTasks flaky =
        new BackgroundTasks() {
          @Override
          public boolean submit(Runnable task) {
            if (submitted.incrementAndGet() == 1) {
              throw new OutOfMemoryError("once");
            }
            return scope.submit(task);
          }

          @Override
          public int freeSlots() {
            return scope.freeSlots();
          }

          @Override
          public boolean awaitFreeSlot(Duration patience) throws InterruptedException {
            return scope.awaitFreeSlot(patience);
          }
        };
    Duration lease = Duration.ofSeconds(1);
    var config = new AppConfig.Delivery(8, lease, 3, lease, lease);
    Outbox other = new Outbox(config, database.outbox("me"), mailer, flaky, events::add);
    signUp("a");
    other.start();
    awaitRecorded(1); // by the end of its lease, which nothing may extend
    assertEquals("sent null 2", sql.mail("a"));
    assertTrue(other.stopDispatching(LONG));
  }

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
    assertEquals(0, outbox.release());
  }

  /** One lost connection is no reason to leave an e-mail behind with all the time in the world. */
  @Test
  @Proves("P1")
  void drainOutlastsTroubleOfTheServer() throws Exception {
    var first = new AtomicInteger();
    mailer.answers =
        name ->
            first.incrementAndGet() == 1 ? new SendOutcome.ServerTrouble(FAILURE) : SENT;
    signUp("a");
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
      outbox.drain(mode, Duration.ofMillis(300), LONG); // gives up: it is still in flight
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
    assertEquals(0, outbox.release());
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

  private void signUp(String... names) throws Exception {
    for (String name : names) {
      database.signups().insert(TestDatabase.user(name));
    }
  }

  private long count(Class<? extends DeliveryEvent> type) {
    return events.stream().filter(type::isInstance).count();
  }

  private void awaitRecorded(int results) {
    TestDatabase.await(
        results + " results", () -> count(DeliveryEvent.Recorded.class) >= results);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS), "stuck");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
