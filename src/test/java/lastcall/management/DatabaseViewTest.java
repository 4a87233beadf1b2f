package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.admin.InstanceRows;
import lastcall.admin.OutboxAdmin;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DatabaseViewTest {
  @TempDir Path directory;

  /** Without a file descriptor a class can't be loaded, and an Error may end the whole process. */
  @Test
  void goesOnAfterAnError() throws Exception {
    AppConfig.Store store = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    Database database = Database.open(store, StoreListener.NONE);
    AtomicInteger asked = new AtomicInteger();
    InstanceRows.Row row =
        new InstanceRows.Row(
            "me", "localhost", 1, "1", 0, 0, "stopped", null, null, null, null, null, null, null);
    DatabaseView view =
        new DatabaseView(
            new InstanceRows(store),
            new OutboxAdmin(store),
            false,
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("too many open files");
              }
              return row;
            });
    view.start();
    view.readings();
    TestDatabase.await("its row", () -> asked.get() > 1);
    view.changed(Duration.ofSeconds(30));
    try (InstanceRows rows = new InstanceRows(store)) {
      assertNotNull(rows.seen(1).rows().getFirst());
    }
    database.close(Duration.ofSeconds(20));
  }
}
