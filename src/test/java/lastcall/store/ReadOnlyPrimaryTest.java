package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.AppConfig;
import lastcall.testing.Engine;
import lastcall.testing.PostgresServer;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An old primary that is left up: it answers, rolls back, and refuses each write with 25006. */
@Timeout(120)
final class ReadOnlyPrimaryTest {
  private AppConfig.Store config;
  private Database database;
  private TestDatabase sql;
  private final AtomicInteger tries = new AtomicInteger();

  @BeforeEach
  void open() throws Exception {
    config = Engine.POSTGRES.create(null);
    database = Database.open(config, StoreListener.NONE);
    sql = new TestDatabase(config);
  }

  @AfterEach
  void close() throws Exception {
    PostgresServer.shared().readOnly(false);
    sql.close();
    assertTrue(database.close(StoreFixture.LONG), "the writer hangs");
    Engine.POSTGRES.drop(config);
  }

  @Test
  @Proves("P7")
  void itsConnectionIsDroppedAndResultsAreKept() throws Exception {
    SignupStore store = TestDatabase.signups(database);
    OutboxStore outbox = database.outbox("me");
    store.insert(user("a"));
    assertEquals(1, outbox.claim(1, StoreFixture.LEASE, OutboxStore.ANY_AGE).mails().size());
    String writer = writers();
    assertFalse(writer.isEmpty());
    PostgresServer.shared().readOnly(true);

    TestDatabase.await("a sign-up is refused", () -> !inserted(store));
    assertFalse(database.healthy());
    CompletableFuture<Boolean> recorded = new CompletableFuture<>();
    outbox.record("mail-a", Result.refused("550 no"), recorded::complete);
    TestDatabase.await("the writer is gone from there", () -> !writers().contains(writer));
    for (int i = 0; i < 20; i++) { // each comes behind a try of the result
      assertThrows(DatabaseException.class, outbox::now);
    }
    assertFalse(recorded.isDone());
    assertEquals("due me 1", sql.mail("a"));

    PostgresServer.shared().readOnly(false);
    assertTrue(recorded.get(20, TimeUnit.SECONDS));
    assertEquals("refused null 1", sql.mail("a"));
    // A result that the database refuses again and again is stored without its text.
    assertEquals("550 no", sql.row("SELECT last_error FROM outbox WHERE id = 'mail-a'"));
    TestDatabase.await("healthy again", database::healthy);
    assertInstanceOf(Stored.Accepted.class, store.insert(user("b")));
  }

  private boolean inserted(SignupStore store) {
    try {
      return store.insert(user("try" + tries.incrementAndGet())) instanceof Stored.Accepted;
    } catch (DatabaseException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The processes that serve the service's connections. */
  private String writers() {
    try {
      return sql.row(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'lastcall'"
              + " AND datname = current_database()");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
