package lastcall.e2e;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.OutboxStore;
import lastcall.store.Result;
import lastcall.store.StoreListener;
import lastcall.testing.TestDatabase;

/** Records results, and writes a line for each as soon as it counts as recorded. */
public final class RecordingMain {
  static final int CLIENTS = 8;
  static final int EACH = 10;

  private RecordingMain() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    Database database =
        Database.open(AppConfig.Store.sqlite(directory.resolve("lastcall.db")), StoreListener.NONE);
    OutboxStore outbox = database.outbox("me");
    for (int i = 0; i < CLIENTS * EACH; i++) {
      TestDatabase.signups(database).insert(TestDatabase.user("u" + i));
    }
    outbox.claim(CLIENTS * EACH, Duration.ofHours(1), OutboxStore.ANY_AGE);
    System.out.println("msg=ready");
    TestDatabase.await("told to go", () -> Files.exists(directory.resolve("go")));
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < CLIENTS; client++) {
        int first = client * EACH;
        clients.submit(() -> {
          for (int i = first; i < first + EACH; i++) {
            record(outbox, i);
          }
          return null;
        });
      }
    }
    database.close(Duration.ofSeconds(20));
  }

  private static void record(OutboxStore outbox, int number) throws Exception {
    var recorded = new CompletableFuture<Boolean>();
    outbox.record(
        "mail-u" + number,
        Result.refused("result" + number + "."), // the row's text: seen in the database's log
        owned -> {
          System.out.println("recorded result" + number + ".");
          recorded.complete(owned);
        });
    recorded.get(20, TimeUnit.SECONDS);
  }
}
