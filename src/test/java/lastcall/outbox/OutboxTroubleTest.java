package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.store.Database;
import lastcall.store.DueMail;
import lastcall.store.OutboxStore;
import lastcall.store.StoreEvent;
import lastcall.store.StoreListener;
import lastcall.testing.Engine;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that block, commits that take seconds, answers that get lost, rows nobody can send. */
@Timeout(60)
final class OutboxTroubleTest extends OutboxFixture {
  private static final Duration HOUR = Duration.ofHours(1);

  /** Leases that end in no test. */
  private static final AppConfig.Delivery LONG_LEASE =
      new AppConfig.Delivery(8, HOUR, 3, 5, HOUR, HOUR, DeliveryRate.NONE);

  @Test
  @Proves("P8")
  void aResultIsCommittedThoughAListenerBlocksForEver() throws Exception {
    var never = new CountDownLatch(1);
    Outbox other =
        outbox(
            database,
            CONFIG,
            event -> {
              if (event instanceof DeliveryEvent.Ended) {
                awaitUnbounded(never);
              }
            });
    try {
      signUp("a");
      other.start(false);
      awaitMail("sent null 1", "a");
    } finally {
      never.countDown();
      assertTrue(other.stopDispatching(LONG));
    }
  }

  @Test
  void whatIsThrownAfterTheAnswerMakesNoRetryOfASentEmail() throws Exception {
    OutboxStore mine = database.outbox("me");
    WakeUp wakeUp = new WakeUp();
    Leases leases = new Leases(mine, LONG, wakeUp, events::add);
    DeliveryListener broken =
        event -> {
          if (event instanceof DeliveryEvent.Ended) {
            throw new IllegalStateException("after the answer");
          }
        };
    var backoff = new Backoff(HOUR, HOUR, new Random());
    Delivery delivery =
        new Delivery(
            mailer, mine, leases, new Gate(8), backoff, CONFIG, new Endings(), wakeUp, broken);
    signUp("a");
    DueMail mail = mine.claim(1, LONG, OutboxStore.ANY_AGE).mails().getFirst();
    assertTrue(leases.begin(mail.id(), System.nanoTime()));
    assertThrows(IllegalStateException.class, () -> delivery.run(mail)); // to the scope, which logs
    awaitMail("sent null 1", "a");
    TestDatabase.await("left behind", () -> leases.inFlight() == 0);
  }

  @Test
  void aListenerThatBlocksOnTheGateHoldsUpNoOtherSend() throws Exception {
    var told = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    mailer.answers =
        name -> {
          if (name.startsWith("trouble")) {
            return new SendOutcome.ServerTrouble(DISK_FULL);
          }
          await(told);
          return SENT;
        };
    Outbox other =
        outbox(
            database,
            CONFIG,
            event -> {
              if (event instanceof DeliveryEvent.MailServer) {
                told.countDown();
                awaitUnbounded(never);
              }
            });
    try {
      signUp("trouble", "trouble too", "other");
      other.start(false);
      awaitMail("sent null 1", "other");
    } finally {
      never.countDown();
      assertTrue(other.stopDispatching(LONG));
    }
  }

  /** Longer than the dispatcher waits for a database that does not even begin. */
  @Test
  @Proves("P9")
  void aClaimWhoseCommitTakesSecondsIsWorkedOn() throws Exception {
    assertSentInTheFirstAttempt(LONG_LEASE, Duration.ofMillis(5500), 1);
  }

  /** Its lease may be over, and another instance send: not sent, and the attempt taken back. */
  @Test
  @Proves("P9")
  void aClaimWhoseCommitTakesLongerThanTheLeaseCostsNoAttempt() throws Exception {
    Duration lease = Duration.ofSeconds(1);
    var config = new AppConfig.Delivery(8, lease, 3, 5, HOUR, HOUR, DeliveryRate.NONE);
    assertSentInTheFirstAttempt(config, Duration.ofMillis(1100), 2);
  }

  private void assertSentInTheFirstAttempt(AppConfig.Delivery config, Duration commit, int begun)
      throws Exception {
    var slow = new AtomicInteger();
    StoreListener slowCommit =
        event -> {
          if (event instanceof StoreEvent.Committing && slow.getAndDecrement() == 1) {
            TestDatabase.await("a slow disk", new Elapsed(commit));
          }
        };
    signUp("a");
    Database slowly = Database.open(store, slowCommit);
    Outbox other = outbox(slowly, config, events::add);
    try {
      slow.set(2); // the start's own call, and then the first claim
      other.start(false);
      awaitMail("sent null 1", "a");
      assertEquals(0, count(DeliveryEvent.StoreTrouble.class));
      assertTrue(mailer.total() >= begun, "begun " + mailer.total());
    } finally {
      assertTrue(other.stopDispatching(LONG));
      assertTrue(slowly.close(LONG));
    }
  }

  /** The claim is committed, and its answer is lost with the connection. */
  @Test
  @Proves("P9")
  void aClaimThatFailedIsGivenBackWithItsAttempt() throws Exception {
    Outbox other = outbox(database, LONG_LEASE, events::add);
    signUp("a", "b");
    database.outbox("me").claim(1, HOUR, OutboxStore.ANY_AGE); // nobody works on this one
    sql.refuse("UPDATE ON outbox");
    other.start(false);
    TestDatabase.await("a failed claim", () -> count(DeliveryEvent.StoreTrouble.class) > 0);
    sql.allow("UPDATE ON outbox");
    awaitMail("sent null 1", "a");
    awaitMail("sent null 1", "b");
    assertEquals(2, mailer.total());
    assertTrue(other.stopDispatching(LONG));
  }

  /** Another instance holds the lock of the only row that is due. */
  @Test
  void emptyClaimsArePaced() throws Exception {
    assumeTrue(engine == Engine.POSTGRES, "SQLite has one writer");
    signUp("a");
    sql.execute("BEGIN");
    sql.execute("SELECT 1 FROM outbox FOR UPDATE");
    var commits = new AtomicInteger();
    var first = new AtomicLong();
    Database counted =
        Database.open(
            store,
            event -> {
              if (event instanceof StoreEvent.Committed && commits.incrementAndGet() == 3) {
                first.set(System.nanoTime());
              }
            });
    Outbox other = outbox(counted, CONFIG, events::add);
    try {
      other.start(false);
      TestDatabase.await("23 commits", () -> commits.get() >= 23);
      long took = System.nanoTime() - first.get();
      assertTrue(took >= 19 * 50_000_000L, "20 claims in " + took / 1_000_000 + " ms");
      sql.execute("ROLLBACK");
      awaitMail("sent null 1", "a");
    } finally {
      assertTrue(other.stopDispatching(LONG));
      assertTrue(counted.close(LONG));
    }
  }

  @Test
  void anEmailNeedsItsUserOnlyWhereAnOlderVersionHasStoredIt() throws Exception {
    signUp("a", "old", "gone");
    sql.execute("UPDATE outbox SET recipient = NULL, data = NULL WHERE id <> 'mail-a'");
    sql.execute("DELETE FROM users WHERE id <> 'id-old'"); // SQLite's shell does not check
    mailer.answers = name -> name.isEmpty() ? new SendOutcome.Refused(FAILURE) : SENT;
    outbox.start(false);
    awaitMail("sent null 1", "a");
    awaitMail("sent null 1", "old");
    awaitMail("refused null 1", "gone");
  }

  /** As stdout that nobody reads. */
  private static void awaitUnbounded(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
