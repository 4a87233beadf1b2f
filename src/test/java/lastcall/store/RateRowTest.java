package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.DeliveryRate;
import lastcall.testing.Engine;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All owners of one database keep to one rate, also those that come later. */
@Timeout(60)
final class RateRowTest extends StoreFixture {
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final DeliveryRate SLOW = new DeliveryRate(1, "h");

  /** So many e-mails, claimed at some moment between the two. */
  private record Taken(long before, long after, int mails) {}

  private static OutboxStore limited(OutboxStore store, DeliveryRate rate) {
    store.limits(LONGEST, rate);
    return store;
  }

  private static int claim(OutboxStore store, int max) throws Exception {
    return store.claim(max, LEASE, OutboxStore.ANY_AGE).mails().size();
  }

  /** The first claim of all only makes the row. */
  private static void makeRow(OutboxStore store) throws Exception {
    Claim first = store.claim(9, LEASE, OutboxStore.ANY_AGE);
    assertEquals(List.of(), first.mails());
    assertEquals(Duration.ofMillis(50), first.rateWait());
  }

  @Test
  void ownersAtOnceTakeNoMoreThanTheRate() throws Exception {
    long seed = Long.getLong("seed", new Random().nextLong());
    int all = 150;
    DeliveryRate rate = new DeliveryRate(60, "s");
    for (Future<Stored> one : insertAtOnce(numbered(all))) {
      get(one);
    }
    var taken = new ConcurrentLinkedQueue<Taken>();
    var sum = new AtomicInteger();
    List<Future<?>> owners = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Random random = new Random(seed + i);
      String owner = "owner" + i;
      owners.add(
          clients.submit(() -> {
            Database own = Database.open(config, StoreListener.NONE);
            try {
              OutboxStore store = limited(own.outbox(owner), rate);
              while (sum.get() < all) {
                long before = System.nanoTime();
                int mails = claim(store, 1 + random.nextInt(30));
                taken.add(new Taken(before, System.nanoTime(), mails));
                sum.addAndGet(mails);
              }
            } finally {
              assertTrue(own.close(LONG));
            }
            return null;
          }));
    }
    for (Future<?> owner : owners) {
      owner.get(50, TimeUnit.SECONDS);
    }
    assertEquals(all, sum.get());
    assertEquals("0", sql.row("SELECT COUNT(*) FROM outbox WHERE owner IS NULL"));
    double burst = 1 + (double) DeliveryRate.EARLY / rate.interval();
    List<Taken> some = taken.stream().filter(t -> t.mails() > 0).toList();
    for (Taken first : some) {
      for (Taken last : some) {
        int mails =
            some.stream()
                .filter(t -> t.before() >= first.before() && t.after() <= last.after())
                .mapToInt(Taken::mails)
                .sum();
        // The database's clock has milliseconds.
        double most = burst + rate.perSecond() * ((last.after() - first.before()) / 1e9 + 0.002);
        assertTrue(
            mails == 0 || mails <= most, "seed " + seed + ": " + mails + ", allowed " + most);
      }
    }
  }

  @Test
  void itIsKeptOverARestart() throws Exception {
    signUp("a", "b");
    makeRow(limited(one, SLOW));
    assertEquals(1, claim(one, 9));
    Database again = Database.open(config, StoreListener.NONE);
    try {
      OutboxStore next = limited(again.outbox("next"), SLOW);
      Claim claim = next.claim(9, LEASE, OutboxStore.ANY_AGE);
      assertEquals(List.of(), claim.mails());
      assertEquals(Duration.ofSeconds(1), claim.rateWait(), "looks again, for a pause may come");
      assertEquals(
          1, claim(limited(next, DeliveryRate.NONE), 9), "without the key there is no limit");
    } finally {
      assertTrue(again.close(LONG));
    }
  }

  @Test
  void whatIsNotClaimedCostsNothing() throws Exception {
    makeRow(limited(one, SLOW));
    assertEquals(0, claim(one, 9), "nothing is due");
    signUp("a", "b");
    sql.execute("INSERT INTO pause VALUES (1, 1, 253402300799999, 'ann')");
    assertEquals(0, claim(one, 9), "paused");
    sql.execute("DELETE FROM pause");
    assertEquals(1, claim(one, 9));
    assertEquals(1, one.giveBack(Set::of));
    assertEquals(0, claim(one, 9), "what is given back is not");
  }

  /** The clock was set back by a day, or the rate was lower: it costs one interval. */
  @Test
  void aRowThatIsFarAheadIsPutRight() throws Exception {
    signUp("a", "b");
    DeliveryRate rate = new DeliveryRate(2, "s");
    makeRow(limited(one, rate));
    sql.execute("UPDATE rate SET next_at = (" + sql.now() + " + 86400000) * 1000");
    TestDatabase.await(
        "the first",
        () -> {
          try {
            return claim(one, 1) == 1;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aRowThatWasDeletedIsMadeAgain() throws Exception {
    signUp("a");
    makeRow(limited(one, SLOW));
    sql.execute("DELETE FROM rate");
    makeRow(one);
    assertEquals(1, claim(one, 9));
  }

  /** Another instance that is frozen in its claim holds up no sign-up. */
  @Test
  void nobodyWaitsForAnother() throws Exception {
    assumeTrue(engine == Engine.POSTGRES, "SQLite has one writer at a time");
    signUp("a");
    makeRow(limited(one, SLOW));
    sql.execute("BEGIN");
    sql.row("SELECT next_at FROM rate FOR UPDATE");
    assertEquals(0, claim(one, 9));
    assertInstanceOf(Stored.Accepted.class, store.insert(TestDatabase.user("b")));
    sql.execute("UPDATE rate SET next_at = 1");
    assertEquals(0, claim(one, 9));
    sql.execute("ROLLBACK");
    assertEquals(1, claim(one, 9));
  }
}
