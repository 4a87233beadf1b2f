package lastcall.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import lastcall.store.Database;
import lastcall.store.DatabaseException;
import lastcall.store.DueMail;
import lastcall.store.FirstClaims;
import lastcall.store.NewUser;
import lastcall.store.SignupStore;
import org.jspecify.annotations.Nullable;

/** The group commit without HTTP: as many threads as there are clients store one user at a time. */
final class StoreCeiling {
  private final BenchPlan plan;
  private final Workplace workplace;
  private final LongAdder stored = new LongAdder();
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final CountDownLatch over = new CountDownLatch(1);

  private record NoClaims() implements FirstClaims {
    @Override
    public boolean claim(String id, long asked) {
      return false;
    }

    @Override
    public void ended(DueMail mail, boolean stored) {}
  }

  StoreCeiling(BenchPlan plan, Workplace workplace) {
    this.plan = plan;
    this.workplace = workplace;
  }

  Figure run() throws Exception {
    Path directory = workplace.newDirectory();
    Rows rows = workplace.newDatabase(directory, plan.database());
    Database database = Database.open(plan.store(directory, rows), event -> {});
    try {
      SignupStore store = database.signups("", Duration.ZERO, new NoClaims(), false);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < plan.clients(); i++) {
        threads.add(Thread.ofVirtual().start(() -> storeAll(store)));
      }
      Thread.sleep(plan.warmUp().dividedBy(4));
      long before = stored.sum();
      long from = System.nanoTime();
      Thread.sleep(plan.time().dividedBy(2));
      double perSecond = (stored.sum() - before) / ((System.nanoTime() - from) / 1e9);
      over.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      Exception thrown = failure.get();
      if (thrown != null) {
        throw thrown;
      }
      String how = "user and e-mail by the store in this process; threads: " + plan.clients();
      return new Figure("ceiling_store_per_second", perSecond, how);
    } finally {
      database.close(ServiceProcess.GUARD);
      workplace.clear(directory);
    }
  }

  private void storeAll(SignupStore store) {
    try {
      while (over.getCount() > 0) {
        String id = UUID.randomUUID().toString();
        String email = id + "@drill.example";
        store.insert(new NewUser(id, "Ada", email, email, "-", null, id + "@bench.example", null));
        stored.increment();
      }
    } catch (DatabaseException | InterruptedException e) {
      failure.compareAndSet(null, e);
    }
  }
}
