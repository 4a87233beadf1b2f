package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.store.SignupStore;
import lastcall.store.Stored;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten thousand e-mails are sent again while users sign up. */
@Timeout(120)
final class AdminUnderLoadTest extends AdminFixture {
  @Test
  void nobodyIsTurnedAwayMeanwhile() throws Exception {
    fill(10_000, "refused");
    SignupStore signups = TestDatabase.signups(database);
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger accepted = new AtomicInteger();
    List<Future<Integer>> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 32; i++) {
        String client = "c" + i + "-";
        clients.add(
            threads.submit(() -> {
              int mine = 0;
              while (!done.get()) { // a DatabaseException would be a 503, and fails the test
                Stored stored = signups.insert(TestDatabase.user(client + mine));
                assertTrue(stored instanceof Stored.Accepted, stored::toString);
                accepted.incrementAndGet();
                mine++;
              }
              return mine;
            }));
      }
      try {
        TestDatabase.await("users sign up", () -> accepted.get() > 100);
        assertEquals(
            new OutboxAdmin.Count(10_000, false),
            admin.changeAll(Action.RETRY, Filter.of(State.REFUSED), "ann", n -> true));
        int after = accepted.get();
        TestDatabase.await("users still sign up", () -> accepted.get() > after + 100);
      } finally {
        done.set(true);
      }
    }
    int signedUp = 0;
    for (Future<Integer> client : clients) {
      signedUp += client.get();
    }
    assertEquals(
        "" + (10_000 + signedUp), sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'due'"));
    assertEquals("" + (1 + signedUp), sql.row("SELECT COUNT(*) FROM users"));
  }
}
