package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locked, full, refused, broken off: what is told, what is kept, and how it recovers. */
@Timeout(60)
final class StoreTroubleTest extends StoreFixture {
  @Test
  @Proves("P7")
  void lockedDatabaseRefusesFastAndRecoversByItself() throws Exception {
    store.insert(user("before"));
    sql.lock();
    assertThrows(DatabaseException.class, () -> store.insert(user("ann")));
    assertFalse(database.healthy());
    // Known to be in trouble: refused before they get to the writer, which still waits.
    OutboxStore me = database.outbox("me");
    Future<Long> writer = clients.submit(me::now);
    List<Future<Stored>> refused = insertAtOnce(numbered(100));
    for (Future<Stored> one : refused) {
      assertThrows(DatabaseException.class, () -> get(one));
    }
    assertFalse(writer.isDone(), "refused at once");
    sql.unlock();
    TestDatabase.await("healthy again, with nobody asking", database::healthy);
    assertEquals("1 1 1", sql.row(BOTH));
    assertInstanceOf(Stored.Accepted.class, store.insert(user("ann")));
  }

  @Test
  @Proves("P7")
  void fullDiskIsUnhealthyUntilAWriteWorks() throws Exception {
    sql.fill();
    assertThrows(DatabaseException.class, () -> store.insert(user("ann")));
    assertFalse(database.healthy());
    // On a full disk a claim that finds nothing is a transaction that writes nothing: it works.
    database.outbox("me").claim(10, LONG, OutboxStore.ANY_AGE);
    assertFalse(database.healthy(), "nothing was written yet");
    assertEquals("0 0 0", sql.row(BOTH));
    sql.empty();
    TestDatabase.await("healthy again", database::healthy);
    assertInstanceOf(Stored.Accepted.class, store.insert(user("ann")));
  }

  @Test
  @Proves("P7")
  void resultsAreKeptUntilTheyAreCommitted() throws Exception {
    signUp("a", "b");
    one.claim(9, LEASE, OutboxStore.ANY_AGE);
    sql.fill();
    var a = new CompletableFuture<Boolean>();
    one.record("mail-a", SENT, a::complete);
    TestDatabase.await("unhealthy", () -> !database.healthy());
    assertThrows(DatabaseException.class, () -> one.extend(List.of("mail-a"), LEASE));
    assertEquals("due one 1", sql.mail("a"));
    assertFalse(a.isDone());
    sql.empty();
    assertTrue(a.get(20, TimeUnit.SECONDS));
    assertEquals("sent null 1", sql.mail("a"));
    assertTrue(record(one, "b", SENT));
  }

  /** Each statement works, COMMIT does not: the result is kept, nobody is told that it is in. */
  @Test
  @Proves("P7")
  void failedCommitKeepsTheResult() throws Exception {
    signUp("a");
    claimOne("a");
    sql.breakCommits();
    var a = new CompletableFuture<Boolean>();
    one.record("mail-a", SENT, a::complete);
    TestDatabase.await("unhealthy", () -> !database.healthy());
    assertThrows(DatabaseException.class, () -> TestDatabase.signups(database).insert(user("b")));
    assertEquals("due one 1", sql.mail("a"));
    assertFalse(a.isDone());
    sql.mendCommits();
    assertTrue(a.get(20, TimeUnit.SECONDS));
    assertEquals("sent null 1", sql.mail("a"));
    assertEquals("1", sql.row("SELECT COUNT(*) FROM users"));
  }

  @Test
  void resultsThatAreRefusedDontHoldUpSignups() throws Exception {
    List<Future<Stored>> all = insertAtOnce(numbered(100));
    for (Future<Stored> one : all) {
      get(one);
    }
    OutboxStore me = database.outbox("me");
    assertEquals(100, me.claim(100, LONG, OutboxStore.ANY_AGE).mails().size());
    sql.refuse("UPDATE ON outbox");
    var recorded = new AtomicInteger();
    sql.lock();
    List<Future<Stored>> signups = insertAtOnce(List.of(user("ann"))); // occupies the writer
    for (int i = 0; i < 100; i++) {
      me.record("mail-u" + i, Result.sent(), owned -> recorded.addAndGet(owned ? 1 : 1000));
    }
    signups.addAll(insertAtOnce(List.of(user("bob"), user("cid"))));
    sql.unlock();
    for (Future<Stored> one : signups) {
      assertInstanceOf(Stored.Accepted.class, get(one)); // each has 5 s
    }
    assertEquals(0, recorded.get());
    sql.allow("UPDATE ON outbox");
    TestDatabase.await("100 results kept", () -> recorded.get() == 100);
    assertEquals("100", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
  }

  /** The encoding can't hold what the mail server said: all but the text is stored. */
  @Test
  @Proves("P7")
  void aResultWhoseTextIsRefusedIsStoredWithoutIt() throws Exception {
    signUp("a", "b", "c");
    one.claim(9, LEASE, OutboxStore.ANY_AGE);
    sql.refuseTexts();
    var refused = new CompletableFuture<Boolean>();
    one.record("mail-a", Result.refused("550 no"), refused::complete);
    assertTrue(record(one, "b", SENT), "others are not held up");
    assertTrue(refused.get(20, TimeUnit.SECONDS));
    assertTrue(record(one, "c", Result.again(Duration.ofHours(1), "450 later")));
    assertEquals("refused null 1", sql.mail("a"));
    assertEquals("due null 1", sql.mail("c"));
    assertEquals("0", sql.row("SELECT COUNT(last_error) FROM outbox"));
    assertTrue(database.healthy(), "the database was in order, a text was not");
  }

  @Test
  void whatIsCommittedIsNotRunAgain() throws Exception {
    get(insertAtOnce(List.of(user("ann"))).getFirst());
    get(insertAtOnce(List.of(user("bob"))).getFirst());
    OutboxStore me = database.outbox("me");
    me.claim(10, LONG, OutboxStore.ANY_AGE);
    var told = new AtomicInteger();
    var bob = new CompletableFuture<Boolean>();
    sql.lock();
    Future<Long> busy = clients.submit(me::now);
    me.record(
        "mail-ann",
        Result.sent(),
        owned -> {
          told.incrementAndGet();
          throw new IllegalStateException("told, and failed");
        });
    me.record("mail-bob", Result.sent(), bob::complete);
    sql.unlock();
    assertTrue(bob.get(20, TimeUnit.SECONDS));
    busy.get(20, TimeUnit.SECONDS);
    me.now();
    me.now(); // behind whatever was put back
    assertEquals(1, told.get());
  }

  /** A fault of the program, not of SQL: the transaction must not stay open, half done. */
  @Test
  void anExceptionOfOursIsRolledBackToo() throws Exception {
    store.insert(user("ann"));
    assertEquals(1, one.claim(10, LONG, OutboxStore.ANY_AGE).mails().size());
    List<Future<Stored>> waiting;
    Result broken = Result.again(Duration.ofSeconds(Long.MAX_VALUE), "no milliseconds");
    Future<Boolean> ann;
    sql.lock();
    try {
      waiting = insertAtOnce(numbered(1)); // occupies the writer, so that the others share a group
      var recorded = new CompletableFuture<Boolean>();
      one.record("mail-ann", Result.sent(), recorded::complete);
      two.record("mail-ann", broken, owned -> {});
      ann = recorded;
    } finally {
      sql.unlock();
    }
    assertTrue(ann.get(20, TimeUnit.SECONDS), "recorded twice: the first time was not rolled back");
    assertEquals("sent null 1", sql.mail("ann"));
    assertInstanceOf(Stored.Accepted.class, get(waiting.getFirst()));
  }
}
