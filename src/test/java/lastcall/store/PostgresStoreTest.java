package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.testing.Engine;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What only several instances on one database can get wrong. */
@Timeout(120)
final class PostgresStoreTest {
  private static final Duration LEASE = Duration.ofMinutes(5);
  private final List<Database> instances = Collections.synchronizedList(new ArrayList<>());
  private AppConfig.Store config;
  private TestDatabase sql;

  @BeforeEach
  void create() throws Exception {
    config = Engine.POSTGRES.create(null);
  }

  @AfterEach
  void drop() throws Exception {
    for (Database instance : instances) {
      assertTrue(instance.close(StoreFixture.LONG), "the writer hangs");
    }
    sql.close();
    Engine.POSTGRES.drop(config);
  }

  @Test
  void errorsDoNotHoldWhatWasToBeStored() throws Exception {
    open(1);
    try (Connection connection = Dialect.of(config).connect(true);
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO users (id, email) VALUES ('1', ?)")) {
      insert.setString(1, "secret@example.org");
      insert.addBatch();
      SQLException refused = assertThrows(SQLException.class, insert::executeBatch);
      for (Throwable t = refused; t != null; t = t.getCause()) {
        assertFalse(t.toString().contains("secret@example.org"), t::toString);
      }
    }
  }

  /** On an empty database, all at once. */
  private void open(int count) throws Exception {
    each(
        count,
        i -> {
          instances.add(Database.open(config, StoreListener.NONE));
          return null;
        });
    sql = new TestDatabase(config);
  }

  private interface Numbered<R> {
    R run(int i) throws Exception;
  }

  private static <R> List<R> each(int count, Numbered<R> work) throws Exception {
    List<Future<R>> all = new ArrayList<>();
    List<R> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        int number = i;
        all.add(threads.submit(() -> work.run(number)));
      }
      for (Future<R> one : all) {
        results.add(one.get(60, TimeUnit.SECONDS));
      }
    }
    return results;
  }

  @Test
  void tenStartAtOnceOnAnEmptyDatabase() throws Exception {
    open(10);
    assertEquals("" + Schema.STEPS.size(), sql.row("SELECT version FROM schema_version"));
    assertInstanceOf(
        Stored.Accepted.class, TestDatabase.signups(instances.get(9)).insert(user("ann")));
  }

  /** Each of three takes the same addresses, in an order of its own. */
  @Test
  void sameSignupsAtSeveralInstancesAreStoredOnce() throws Exception {
    open(3);
    long seed = new Random().nextLong();
    List<List<Stored>> outcomes =
        each(
            3,
            i -> {
              List<NewUser> users = new ArrayList<>();
              for (int n = 0; n < 300; n++) {
                String name = "u" + n;
                String email = name + "@example.org";
                String mine = i + "-" + name;
                users.add(
                    new NewUser(
                        "id-" + mine, name, email, email, "h", "key-" + n, "mail-" + mine, null));
              }
              Collections.shuffle(users, new Random(seed + i));
              SignupStore store = TestDatabase.signups(instances.get(i));
              return each(users.size(), n -> store.insert(users.get(n)));
            });
    Set<Stored> accepted = new HashSet<>();
    for (List<Stored> outcome : outcomes) {
      for (Stored one : outcome) {
        Stored first = one instanceof Stored.Repeated repeated ? repeated.first() : one;
        accepted.add(assertInstanceOf(Stored.Accepted.class, first, "seed " + seed));
      }
    }
    assertEquals(300, accepted.size(), "one key, one user, whoever asks; seed " + seed);
    assertEquals("300 300 300", sql.row(StoreFixture.BOTH));
    assertEquals(
        "0",
        sql.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"),
        "deadlocks");
  }

  @Test
  @Proves("P4")
  void noTwoInstancesClaimOneRow() throws Exception {
    open(3);
    sql.execute(
        "INSERT INTO users SELECT 'id-' || i, 0, 'n', i, i, 'h' FROM generate_series(1, 10000) i");
    sql.execute(
        "INSERT INTO outbox SELECT 'mail-' || i, 'id-' || i, 0, 'due', i % 7, NULL, 0 FROM"
            + " generate_series(1, 10000) i");
    List<List<String>> claimed =
        each(
            3,
            i -> {
              OutboxStore owner = instances.get(i).outbox("owner-" + i);
              List<String> mine = new ArrayList<>();
              List<DueMail> mails = owner.claim(100, LEASE, OutboxStore.ANY_AGE).mails();
              while (!mails.isEmpty()) {
                assertTrue(mails.size() <= 100, "more than asked for");
                mails.forEach(mail -> mine.add(mail.id()));
                mails = owner.claim(100, LEASE, OutboxStore.ANY_AGE).mails();
              }
              return mine;
            });
    Set<String> all = new HashSet<>();
    for (List<String> mine : claimed) {
      assertTrue(!mine.isEmpty(), "one got nothing");
      mine.forEach(id -> assertTrue(all.add(id), id + " was claimed twice"));
    }
    assertEquals(10_000, all.size());
    assertEquals("10000", sql.row("SELECT COUNT(*) FROM outbox WHERE attempts = 1"));
  }

  /** What others sign up for meanwhile can't hold the exit. */
  @Test
  void rowsOfOthersDontCountOnceTheDrainHasBegun() throws Exception {
    open(2);
    OutboxStore one = instances.getFirst().outbox("one");
    TestDatabase.signups(instances.get(1)).insert(user("before"));
    long began = one.now();
    TestDatabase.await("the next millisecond", () -> now(one) > began);
    TestDatabase.signups(instances.get(1)).insert(user("after"));
    assertEquals(new Pending(1, 0, 0), one.pending(began, 100));
    List<DueMail> mine = one.claim(9, LEASE, began).mails();
    assertEquals(1, mine.size());
    assertEquals("mail-before", mine.getFirst().id());
  }

  private static long now(OutboxStore store) {
    try {
      return store.now();
    } catch (DatabaseException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** PostgreSQL takes no NUL: what a mail server says must not make a result unstorable. */
  @Test
  void anyTextOfTheMailServerCanBeStored() throws Exception {
    open(1);
    TestDatabase.signups(instances.getFirst()).insert(user("a"));
    OutboxStore one = instances.getFirst().outbox("one");
    one.claim(1, LEASE, OutboxStore.ANY_AGE);
    assertTrue(StoreFixture.record(one, "a", Result.refused("no\0 \ud800 \r\n")));
    assertEquals("refused null 1", sql.mail("a"));
  }
}
