package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class SignupStoreTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String BOTH =
      "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM outbox), "
          + "(SELECT COUNT(*) FROM users JOIN outbox ON outbox.user_id = users.id)";

  @TempDir Path directory;
  private Database database;
  private TestDatabase sql;
  private SignupStore store;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void open() throws SQLException {
    Path file = directory.resolve("data/lastcall.db");
    database = Database.open(file);
    sql = new TestDatabase(file);
    store = database.signups();
  }

  @AfterEach
  void close() throws Exception {
    clients.shutdownNow();
    sql.close();
    assertTrue(database.close(LONG), "the writer hangs");
  }

  @Test
  void storesUserAndMailTogether() throws Exception {
    Stored.Accepted ann = assertInstanceOf(Stored.Accepted.class, store.insert(user("ann")));
    assertEquals("id-ann ann ann@example.org", ann.id() + " " + ann.name() + " " + ann.email());
    assertEquals("due null 0", sql.mail("ann"));
    assertEquals(
        ann.createdAt() + " " + ann.createdAt() + " " + ann.createdAt(),
        sql.row(
            "SELECT users.created_at, outbox.created_at, due_at FROM users JOIN outbox ON"
                + " user_id = users.id"));
  }

  @Test
  void concurrentSignupsAreEachStoredOnce() throws Exception {
    List<Future<Stored>> all = insertAtOnce(numbered(256));
    for (Future<Stored> one : all) {
      assertInstanceOf(Stored.Accepted.class, get(one));
    }
    assertEquals("256 256 256", sql.row(BOTH));
  }

  @Test
  void duplicatesInOneGroupSpoilOnlyThemselves() throws Exception {
    List<NewUser> users = new ArrayList<>();
    for (NewUser u : numbered(20)) {
      users.add(u);
      users.add(
          new NewUser(u.id() + "b", "B", u.email(), u.emailKey(), "h", null, u.messageId() + "b"));
    }
    List<Future<Stored>> all = insertAtOnce(users);
    for (int i = 0; i < all.size(); i += 2) {
      // Which of the two came first is theirs to decide.
      boolean first = get(all.get(i)) instanceof Stored.Accepted;
      boolean second = get(all.get(i + 1)) instanceof Stored.Accepted;
      assertTrue(first != second, i + ": " + first + " " + second);
      Stored taken = get(all.get(first ? i + 1 : i));
      assertInstanceOf(Stored.AddressTaken.class, taken);
    }
    assertEquals("20 20 20", sql.row(BOTH));
  }

  @Test
  void sameKeySameSignupIsTheSameUser() throws Exception {
    NewUser ann = user("ann", "key-1");
    NewUser again = new NewUser("id-2", "ann", "ANN@example.org", ann.emailKey(), "h", "key-1", "m");
    List<Future<Stored>> both = insertAtOnce(List.of(ann, again));
    assertEquals(get(both.get(0)), get(both.get(1)));
    assertEquals(get(both.get(0)), store.insert(again));
    assertEquals("1 1 1", sql.row(BOTH));
  }

  @Test
  void keyOfAnotherSignupIsReused() throws Exception {
    store.insert(user("ann", "key-1"));
    assertEquals(new Stored.KeyReused(), store.insert(user("bob", "key-1")));
    NewUser renamed =
        new NewUser("i", "Anna", "ann@example.org", "ann@example.org", "h", "key-1", "m");
    assertEquals(new Stored.KeyReused(), store.insert(renamed));
    assertEquals(new Stored.AddressTaken(), store.insert(user("ann")));
    assertEquals(new Stored.AddressTaken(), store.insert(user("ann", "key-2")));
    assertEquals("1 1 1", sql.row(BOTH));
  }

  @Test
  void onePoisonedCallFailsAlone() throws Exception {
    List<NewUser> users = new ArrayList<>(numbered(50));
    NewUser other = users.get(7);
    // The user could be inserted, the e-mail's id is taken: neither may stay.
    users.add(25, new NewUser("id-x", "x", "x@x.org", "x@x.org", "h", null, other.messageId()));
    store.insert(other);
    users.remove(other);
    List<Future<Stored>> all = insertAtOnce(users);
    int poisoned = users.indexOf(users.stream().filter(u -> u.name().equals("x")).findAny().get());
    for (int i = 0; i < all.size(); i++) {
      if (i == poisoned) {
        Future<Stored> failed = all.get(i);
        assertThrows(DatabaseException.class, () -> get(failed));
      } else {
        assertInstanceOf(Stored.Accepted.class, get(all.get(i)));
      }
    }
    assertEquals("50 50 50", sql.row(BOTH));
    assertTrue(database.healthy(), "the database was in order, one call was not");
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
        new Verdict.Sent(),
        owned -> {
          told.incrementAndGet();
          throw new IllegalStateException("told, and failed");
        });
    me.record("mail-bob", new Verdict.Sent(), bob::complete);
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
    OutboxStore one = database.outbox("one");
    OutboxStore two = database.outbox("two");
    assertEquals(1, one.claim(10, LONG, OutboxStore.ANY_AGE).mails().size());
    List<Future<Stored>> waiting;
    Verdict broken = new Verdict.Again(Duration.ofSeconds(Long.MAX_VALUE), true, "no milliseconds");
    Future<Boolean> ann;
    sql.lock();
    try {
      waiting = insertAtOnce(numbered(1)); // occupies the writer, so that the others share a group
      var recorded = new CompletableFuture<Boolean>();
      one.record("mail-ann", new Verdict.Sent(), recorded::complete);
      two.record("mail-ann", broken, owned -> {});
      ann = recorded;
    } finally {
      sql.unlock();
    }
    assertTrue(ann.get(20, TimeUnit.SECONDS), "recorded twice: the first time was not rolled back");
    assertEquals("sent null 1", sql.mail("ann"));
    assertInstanceOf(Stored.Accepted.class, get(waiting.getFirst()));
  }

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

  /** An operator's SQL, a backup: sqlite-jdbc's commit() would begin the next transaction at once. */
  @Test
  void othersCanWriteBesideIt() throws Exception {
    List<Future<Stored>> all = insertAtOnce(numbered(1000));
    for (int i = 0; i < 50; i++) {
      sql.lock();
      sql.unlock();
    }
    for (Future<Stored> one : all) {
      assertInstanceOf(Stored.Accepted.class, get(one));
    }
    assertTrue(database.healthy());
    sql.execute("UPDATE outbox SET last_error = 'by hand'"); // the service is idle now
  }

  @Test
  void resultsThatAreRefusedDontHoldUpSignups() throws Exception {
    List<Future<Stored>> all = insertAtOnce(numbered(100));
    for (Future<Stored> one : all) {
      get(one);
    }
    OutboxStore me = database.outbox("me");
    assertEquals(100, me.claim(100, LONG, OutboxStore.ANY_AGE).mails().size());
    sql.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END");
    var recorded = new AtomicInteger();
    sql.lock();
    List<Future<Stored>> signups = insertAtOnce(List.of(user("ann"))); // occupies the writer
    for (int i = 0; i < 100; i++) {
      me.record("mail-u" + i, new Verdict.Sent(), owned -> recorded.addAndGet(owned ? 1 : 1000));
    }
    signups.addAll(insertAtOnce(List.of(user("bob"), user("cid"))));
    sql.unlock();
    for (Future<Stored> one : signups) {
      assertInstanceOf(Stored.Accepted.class, get(one)); // each has 5 s
    }
    assertEquals(0, recorded.get());
    sql.execute("DROP TRIGGER refuse");
    TestDatabase.await("100 results kept", () -> recorded.get() == 100);
    assertEquals("100", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
  }

  @Test
  void closingForSignupsCommitsWhatGotIn() throws Exception {
    sql.lock(); // until some wait
    List<Future<Stored>> all = insertAtOnce(numbered(300));
    Future<?> closing =
        clients.submit(
            () -> {
              database.closeSignups(LONG);
              return null;
            });
    assertFalse(closing.isDone(), "something is not committed yet");
    sql.unlock();
    closing.get(20, TimeUnit.SECONDS);
    String stored = sql.row(BOTH); // all of them, as soon as it has returned
    int accepted = 0;
    for (Future<Stored> one : all) {
      try {
        get(one);
        accepted++;
      } catch (DatabaseException e) {
        assertTrue(e.getMessage().contains("closed"), e.getMessage());
      }
    }
    assertEquals("%1$d %1$d %1$d".formatted(accepted), stored);
    assertThrows(DatabaseException.class, () -> store.insert(user("late")));
    assertEquals(0, database.outbox("me").pending(OutboxStore.ANY_AGE).claimed()); // goes on
  }

  @Test
  void closedDatabaseRefusesAll() throws Exception {
    assertTrue(database.close(LONG));
    assertThrows(DatabaseException.class, () -> store.insert(user("ann")));
    assertThrows(DatabaseException.class, () -> database.outbox("me").now());
    database.outbox("me").record("x", new Verdict.Sent(), owned -> {}); // logs, does not throw
    database = Database.open(directory.resolve("data/lastcall.db"));
    assertInstanceOf(Stored.Accepted.class, database.signups().insert(user("ann")));
  }

  @Test
  void databaseOfANewerVersionIsRefused() throws Exception {
    sql.execute("UPDATE schema_version SET version = 99");
    SQLException refused =
        assertThrows(
            SQLException.class, () -> Database.open(directory.resolve("data/lastcall.db")));
    assertTrue(refused.getMessage().contains("newer Lastcall"), refused.getMessage());
    sql.execute("UPDATE schema_version SET version = 1");
  }

  private static List<NewUser> numbered(int count) {
    List<NewUser> users = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      users.add(user("u" + i));
    }
    return users;
  }

  private List<Future<Stored>> insertAtOnce(List<NewUser> users) {
    List<Future<Stored>> all = new ArrayList<>();
    for (NewUser user : users) {
      all.add(clients.submit(() -> store.insert(user)));
    }
    return all;
  }

  private static Stored get(Future<Stored> future) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
