package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** SQLite, which another process may lock. */
@Timeout(120)
final class AdminConnectionTest {
  @TempDir Path directory;
  private AppConfig.Store config;
  private Database database;
  private TestDatabase other;

  @BeforeEach
  void open() throws Exception {
    config = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    database = Database.open(config, StoreListener.NONE);
    other = new TestDatabase(config);
  }

  @AfterEach
  void close() throws Exception {
    other.close();
    assertTrue(database.close(Duration.ofSeconds(20)), "the writer hangs");
  }

  /** Or a locked database would keep the carrier, and with it sends, heartbeats, health checks. */
  @Test
  void nativeCodeRunsOnNoVirtualThread() throws Exception {
    try (AdminConnection connection = new AdminConnection(config, Duration.ofSeconds(20));
        ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> read =
          requests.submit(() -> connection.read(sql -> Thread.currentThread().isVirtual()));
      Future<Boolean> write =
          requests.submit(() -> connection.write(sql -> Thread.currentThread().isVirtual()));
      assertFalse(read.get());
      assertFalse(write.get());
    }
  }

  @Test
  void whatFindsTheDatabaseLockedForTooLongIsNeverDone() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    try (OutboxAdmin admin = new OutboxAdmin(config, Duration.ofMillis(100));
        AdminConnection connection = new AdminConnection(config, Duration.ofMillis(100))) {
      other.execute("BEGIN IMMEDIATE");
      AdminException refused =
          assertThrows(AdminException.class, () -> connection.write(sql -> begun.addAndGet(1)));
      assertEquals("the database is locked or busy; nothing was done", refused.getMessage());
      assertThrows(AdminException.class, () -> admin.pause(null, "ann"));
      other.execute("COMMIT");
      TestDatabase.await("the connection can be used again", () -> works(connection));
      TestDatabase.await("the outbox can be asked again", () -> paused(admin, false));
      assertEquals(0, begun.get());
      assertEquals("0", other.row("SELECT COUNT(*) FROM pause"));
    }
  }

  /** Without a file descriptor a class can't be loaded, in the middle of a transaction too. */
  @Test
  void anErrorInTheMiddleKeepsNoLock() throws Exception {
    try (AdminConnection connection = new AdminConnection(config, Duration.ofSeconds(20))) {
      assertThrows(
          AdminException.class,
          () ->
              connection.write(sql -> {
                throw new NoClassDefFoundError("too many open files");
              }));
      other.execute("BEGIN IMMEDIATE");
      other.execute("ROLLBACK");
    }
  }

  private static boolean works(AdminConnection connection) {
    try {
      return connection.write(sql -> true);
    } catch (AdminException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean paused(OutboxAdmin admin, boolean wanted) {
    try {
      return (admin.pause() != null) == wanted;
    } catch (AdminException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The last connection that is closed brings the WAL into the file. */
  @Test
  void closedWhileItWorksItLeavesNoWal() throws Exception {
    OutboxAdmin admin = new OutboxAdmin(config, Duration.ofMinutes(1));
    AdminConnection idle = new AdminConnection(config, Duration.ofMinutes(1));
    assertEquals("x", idle.read(sql -> "x"));
    assertNull(admin.pause());
    other.execute("BEGIN IMMEDIATE");
    CountDownLatch asked = new CountDownLatch(1);
    try (ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> pause =
          requests.submit(() -> {
            asked.countDown();
            return assertThrows(AdminException.class, () -> admin.pause(null, "ann"));
          });
      asked.await();
      admin.close(); // while the database is locked: before its patience of a minute
      idle.close();
      pause.get();
    }
    other.execute("ROLLBACK");
    assertThrows(AdminException.class, admin::now);
    admin.close();
    other.close();
    assertTrue(database.close(Duration.ofSeconds(20)), "the writer hangs");
    TestDatabase.await(
        "the WAL is gone", () -> !Files.exists(directory.resolve("lastcall.db-wal")));
  }
}
