package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.mail.SendOutcome;
import lastcall.shutdown.Deadline;
import lastcall.store.DatabaseException;
import lastcall.store.DueMail;
import lastcall.store.FirstClaims;
import lastcall.store.SignupStore;
import lastcall.store.Stored;
import lastcall.testing.Engine;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** E-mails that are claimed with their sign-up. */
@Timeout(60)
final class FirstClaimTest extends OutboxFixture {
  private SignupStore signups;

  @BeforeEach
  void openSignups() {
    signups = database.signups("me", CONFIG.lease(), outbox, false);
  }

  /** Nothing is claimed so before the first look, since older e-mails may wait. */
  private void start() throws Exception {
    signUp("older");
    outbox.start(false);
    awaitRecorded(1);
    for (int i = 0; i < 6; i++) { // the gate begins with one send at a time
      signUp("more" + i);
    }
    wake(outbox);
    awaitRecorded(7);
    TestDatabase.await("no backlog", () -> !outbox.wakeUp.backlog());
  }

  @Test
  void beforeTheFirstLookEmailsAreLeftDue() throws Exception {
    signups.insert(TestDatabase.user("a"));
    assertEquals("due null 0", sql.mail("a"));
    assertEquals(0, mailer.total());
  }

  @Test
  void itIsStoredAsClaimedAndSentWithoutALook() throws Exception {
    start();
    assertTrue(outbox.stopDispatching(LONG), "no dispatcher, so no claim");
    var asked = new CountDownLatch(1);
    mailer.answers =
        name -> {
          await(asked);
          return SENT;
        };
    signups.insert(TestDatabase.user("a"));
    assertEquals("due me 1", sql.mail("a"));
    String lease = "SELECT due_at - created_at FROM outbox WHERE id = 'mail-a'";
    assertEquals("" + CONFIG.lease().toMillis(), sql.row(lease));
    assertEquals(1, outbox.inFlight());
    asked.countDown();
    awaitRecorded(8);
    assertEquals("sent null 1", sql.mail("a"));
  }

  @Test
  void withoutASlotItIsLeftDueAndSentLater() throws Exception {
    start();
    var asked = new CountDownLatch(1);
    mailer.answers =
        name -> {
          await(asked);
          return SENT;
        };
    int more = 2 * CONFIG.concurrency();
    for (int i = 0; i < more; i++) {
      signups.insert(TestDatabase.user("n" + i));
    }
    assertEquals("due null 0", sql.mail("n" + (more - 1)));
    asked.countDown();
    awaitRecorded(7 + more);
    assertEquals("" + (7 + more), sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
    assertEquals(7 + more, mailer.total(), "each once");
    assertTrue(mailer.most.get() <= CONFIG.concurrency());
  }

  /** An address that is taken takes no slot. */
  @Test
  void whatIsNotStoredLeavesItsSlotFree() throws Exception {
    start();
    int most = 3 * CONFIG.concurrency();
    for (int i = 0; i < most; i++) {
      assertInstanceOf(Stored.AddressTaken.class, signups.insert(TestDatabase.user("older")));
    }
    assertEquals(CONFIG.concurrency(), scope.freeSlots());
    assertEquals(0, outbox.inFlight());
  }

  /** The transaction fails after the e-mail was claimed in it, for each of the group. */
  @Test
  @Proves("P7")
  void afterARollbackSlotsAndGateAreFreeAgain() throws Exception {
    start();
    String dead =
        engine == Engine.SQLITE
            ? "CREATE TRIGGER no_mail AFTER INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END"
            : "ALTER TABLE outbox ADD CONSTRAINT no_mail CHECK (recipient NOT LIKE 'x%') NOT VALID";
    sql.execute(dead);
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Stored>> all = new ArrayList<>();
      for (int i = 0; i < 2 * CONFIG.concurrency(); i++) {
        String name = "x" + i;
        all.add(clients.submit(() -> signups.insert(TestDatabase.user(name))));
      }
      for (Future<Stored> one : all) {
        assertInstanceOf(
            DatabaseException.class, assertThrows(Exception.class, one::get).getCause());
      }
    }
    TestDatabase.await("free slots", () -> scope.freeSlots() == CONFIG.concurrency());
    assertEquals(0, outbox.inFlight());
    sql.execute(
        engine == Engine.SQLITE
            ? "DROP TRIGGER no_mail"
            : "ALTER TABLE outbox DROP CONSTRAINT no_mail");
    TestDatabase.await("database works", database::healthy);
    TestDatabase.await("no backlog", () -> !outbox.wakeUp.backlog());
    signups.insert(TestDatabase.user("after"));
    awaitRecorded(8);
    assertEquals("sent null 1", sql.mail("after"));
  }

  /** A retry that is due goes before new ones: a result that leaves its row due wakes us. */
  @Test
  void whileOthersWaitANewOneIsLeftDue() throws Exception {
    start();
    assertTrue(outbox.stopDispatching(LONG), "nobody looks");
    mailer.answers = name -> new SendOutcome.Deferred(FAILURE);
    signups.insert(TestDatabase.user("deferred"));
    awaitRecorded(8);
    signups.insert(TestDatabase.user("behind"));
    assertEquals("due null 0", sql.mail("behind"));
  }

  /** It is not known that the sign-up was committed: its row must not stay ours for ever. */
  @Test
  @Proves("P4")
  void aRowThatIsOursWithoutATaskIsGivenBack() throws Exception {
    start();
    assertTrue(outbox.claim("mail-stray", System.nanoTime()));
    storeAsClaimed("stray");
    assertEquals("due me 1", sql.mail("stray"));
    outbox.ended(new DueMail("mail-stray", 1, 0, "welcome", "", "", null, 0), false);
    awaitRecorded(8);
    assertEquals("sent null 1", sql.mail("stray"));
  }

  /** The answer to its commit was lost, and the commit comes when the network works again. */
  @Test
  @Proves("P4")
  void aRowThatBecomesOursLateIsGivenBackToo() throws Exception {
    start();
    assertTrue(outbox.claim("mail-late", System.nanoTime()));
    outbox.ended(new DueMail("mail-late", 1, 0, "welcome", "", "", null, 0), false);
    TestDatabase.await("looked for it", () -> !outbox.wakeUp.backlog());
    storeAsClaimed("late");
    awaitRecorded(8);
    assertEquals("sent null 1", sql.mail("late"));
  }

  /** The commit of its sign-up takes longer than the stop waits for results. */
  @Test
  @Proves("P2")
  void aSendThatNeverBeganIsReleasedWithItsAttempt() throws Exception {
    assumeTrue(engine == Engine.SQLITE, "there a second writer can hold up the release");
    start();
    assertTrue(outbox.stopDispatching(LONG));
    assertTrue(outbox.claim("mail-slow", System.nanoTime()));
    storeAsClaimed("slow");
    scope.stop();
    sql.execute("BEGIN IMMEDIATE");
    var counts = new CompletableFuture<StopCounts>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            Deadline now = Deadline.in(Duration.ZERO);
            counts.complete(outbox.release(AppConfig.Drain.DUE, now, Deadline.in(LONG)));
          } catch (InterruptedException e) {
            counts.completeExceptionally(e);
          }
        });
    Thread writer =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("database-writer"))
            .findFirst()
            .orElseThrow();
    TestDatabase.await("release waits", () -> writer.getState() == Thread.State.RUNNABLE);
    outbox.ended(new DueMail("mail-slow", 1, 0, "welcome", "", "", null, 0), true);
    sql.execute("ROLLBACK");
    assertEquals(0, counts.get(20, TimeUnit.SECONDS).unrecorded());
    assertEquals("due null 0", sql.mail("slow"));
  }

  /** As a sign-up whose end the outbox does not hear of. */
  private void storeAsClaimed(String name) throws Exception {
    FirstClaims unheard = new TestDatabase.NoClaims(true);
    database.signups("me", CONFIG.lease(), unheard, false).insert(TestDatabase.user(name));
  }

  @Test
  @Proves("P1")
  void aDrainWaitsForIt() throws Exception {
    start();
    outbox.countEndings();
    var asked = new CountDownLatch(1);
    mailer.answers =
        name -> {
          await(asked);
          return new SendOutcome.Sent();
        };
    signups.insert(TestDatabase.user("last"));
    assertTrue(outbox.stopDispatching(LONG));
    Thread drain =
        Thread.ofVirtual()
            .start(() -> {
              try {
                drain(AppConfig.Drain.DUE, LONG);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    assertFalse(drain.join(Duration.ofMillis(300)), "it has not been sent");
    asked.countDown();
    assertTrue(drain.join(LONG));
    assertEquals("sent null 1", sql.mail("last"));
  }
}
