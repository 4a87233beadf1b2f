package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lastcall.testing.Engine;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Opened, shared with others, and closed. */
@Timeout(60)
final class DatabaseTest extends StoreFixture {
  @Test
  void databaseOfANewerVersionIsRefused() throws Exception {
    sql.execute("UPDATE schema_version SET version = 99");
    SQLException refused =
        assertThrows(SQLException.class, () -> Database.open(config, StoreListener.NONE));
    assertTrue(refused.getMessage().contains("newer Lastcall"), refused.getMessage());
    sql.execute("UPDATE schema_version SET version = 4");
  }

  /**
   * An operator's SQL, a backup: sqlite-jdbc's commit() would begin the next transaction at once.
   */
  @Test
  void emailsOfTheVersionBeforeAreClaimedWithTheirUsersAddress() throws Exception {
    signUp("before");
    for (String column : List.of("kind", "recipient", "data", "traceparent")) {
      sql.execute("ALTER TABLE outbox DROP COLUMN " + column);
    }
    sql.execute("ALTER TABLE users DROP COLUMN told_at");
    for (String later :
        List.of(
            "TABLE rate",
            "TABLE hidden_signups",
            "TABLE attempts",
            "TABLE pause",
            "TABLE instances",
            "INDEX outbox_created",
            "INDEX outbox_kept")) {
      sql.execute("DROP " + later);
    }
    if (engine == Engine.POSTGRES) {
      sql.execute(
          "ALTER TABLE outbox ADD CONSTRAINT outbox_user_id_fkey FOREIGN KEY (user_id) REFERENCES users");
    }
    sql.execute("UPDATE schema_version SET version = 2");
    Database newer = Database.open(config, StoreListener.NONE);
    try {
      sql.execute( // an instance of the version before goes on
          "INSERT INTO users (id, created_at, name, email, email_key, password_hash, idempotency_key)"
              + " VALUES ('id-beside', 0, 'Ada', 'ada@b.example', 'ada@b.example', '', NULL)");
      sql.execute(
          "INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts)"
              + " VALUES ('mail-beside', 'id-beside', 0, 'due', 0, 0)");
      TestDatabase.signups(newer).insert(user("after"));
      Set<DueMail> all =
          Set.copyOf(undated(newer.outbox("new").claim(9, LEASE, OutboxStore.ANY_AGE)));
      assertEquals(
          Set.of(
              new DueMail("mail-before", 1, 0, "welcome", "before@example.org", "before", null, 0),
              new DueMail("mail-beside", 1, 0, "welcome", "ada@b.example", "Ada", null, 0),
              new DueMail("mail-after", 1, 0, "welcome", "after@example.org", "after", null, 0)),
          all);
    } finally {
      assertTrue(newer.close(LONG));
    }
  }

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
  void closingForSignupsCommitsWhatGotIn() throws Exception {
    sql.lock(); // until some wait
    List<Future<Stored>> all = insertAtOnce(numbered(300));
    Future<?> closing =
        clients.submit(() -> {
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
    assertEquals(0, database.outbox("me").pending(OutboxStore.ANY_AGE, 100).claimed()); // goes on
  }

  @Test
  void closedDatabaseRefusesAll() throws Exception {
    assertTrue(database.close(LONG));
    assertThrows(DatabaseException.class, () -> store.insert(user("ann")));
    assertThrows(DatabaseException.class, () -> database.outbox("me").now());
    database.outbox("me").record("x", Result.sent(), owned -> {}); // logs, does not throw
    database = Database.open(config, StoreListener.NONE);
    assertInstanceOf(Stored.Accepted.class, TestDatabase.signups(database).insert(user("ann")));
  }
}
