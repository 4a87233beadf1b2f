package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lastcall.config.AppConfig;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A report, a backup or a forgotten shell that reads for long: the WAL must grow, and shrink again.
 */
@Timeout(120)
final class WalTest {
  private static final long KEPT = 4L * 1024 * 1024;

  @TempDir Path directory;

  @Test
  void theWalShrinksWhenALongReaderIsGone() throws Exception {
    AppConfig.Store config = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    Path wal = directory.resolve("lastcall.db-wal");
    Database database = Database.open(config, StoreListener.NONE);
    try (TestDatabase reader = new TestDatabase(config)) {
      SignupStore store = TestDatabase.signups(database);
      reader.execute("BEGIN");
      List<String> seen = reader.rows("SELECT id FROM users");
      assertTrue(seen.isEmpty());
      int count = 0;
      while (Files.size(wal) < 2 * KEPT) {
        store.insert(user("u" + count++));
      }
      reader.execute("ROLLBACK");
      for (int end = 2 * count; count < end && Files.size(wal) > KEPT; count++) {
        store.insert(user("u" + count));
      }
      assertTrue(Files.size(wal) <= KEPT, "after " + count + " sign-ups " + Files.size(wal));
    } finally {
      database.close(Duration.ofSeconds(20));
    }
  }
}
