package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.background.BackgroundScope;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.shutdown.Deadline;
import lastcall.store.Database;
import lastcall.store.StoreEvent;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the dispatcher and the drain make of delivery.rate. */
@Timeout(60)
final class DeliveryRateTest extends OutboxFixture {
  private final AtomicInteger commits = new AtomicInteger();
  private Database own;
  private BackgroundScope slots;

  /** Another outbox on the same database, and its commits counted. */
  private Outbox limited(String rate, AppConfig.Drain mode) throws Exception {
    own =
        Database.open(
            store,
            event -> {
              if (event instanceof StoreEvent.Committed) {
                commits.incrementAndGet();
              }
            });
    slots = new BackgroundScope("limited", 8, thrown -> {});
    AppConfig.Delivery config =
        new AppConfig.Delivery(
            8, LONG, 3, 5, Duration.ofHours(1), Duration.ofHours(1), DeliveryRate.parse(rate));
    Outbox limited = new Outbox(config, mode, own.outbox("limited"), mailer, slots, events::add);
    limited.start(false);
    return limited;
  }

  private void end(Outbox limited) throws Exception {
    assertTrue(limited.stopDispatching(LONG));
    assertTrue(slots.close(LONG), "a send hangs");
  }

  @AfterEach
  void closeOwn() throws Exception {
    slots.close(LONG);
    assertTrue(own.close(LONG));
  }

  /** Neither by a claim, nor as they are stored; and what may not be claimed costs next to none. */
  @Test
  void theFirstGoesAndTheOthersWaitWithoutASpin() throws Exception {
    signUp("a", "b");
    Outbox limited = limited("1/h", AppConfig.Drain.DUE);
    awaitRecorded(1);
    assertFalse(limited.claim("mail-new", System.nanoTime()), "nor as it is stored");
    int before = commits.get();
    long began = System.nanoTime();
    TestDatabase.await("a while", new Elapsed(Duration.ofSeconds(3)));
    for (int i = 0; i < 50; i++) {
      wake(limited); // as sign-ups do
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    int claims = commits.get() - before;
    assertTrue(claims <= 3 + 2 * seconds, claims + " claims in " + seconds + " s");
    assertEquals(1, mailer.total());
    end(limited);
  }

  @Test
  void allGoInTheEnd() throws Exception {
    signUp("a", "b", "c", "d", "e", "f", "g", "h");
    long began = System.nanoTime();
    Outbox limited = limited("10/s", AppConfig.Drain.DUE);
    awaitRecorded(8);
    double seconds = (System.nanoTime() - began) / 1e9;
    assertTrue(seconds > 0.4, "8 with a burst of 3 need half a second: " + seconds);
    end(limited);
  }

  /** It goes on until its last claim, keeps the rest, and says so at its begin. */
  @Test
  @Proves("P2")
  void aDrainSendsWhatFits() throws Exception {
    signUp("a", "b", "c");
    Outbox limited = limited("1/h", AppConfig.Drain.DUE);
    awaitRecorded(1);
    limited.countEndings();
    assertTrue(limited.stopDispatching(LONG));
    limited.drain(AppConfig.Drain.DUE, Deadline.in(Duration.ofSeconds(2)), Deadline.in(LONG));
    StopCounts counts = limited.release(AppConfig.Drain.DUE, Deadline.in(LONG), Deadline.in(LONG));
    assertEquals(new StopCounts(0, 2, 0, 0, 0), counts);
    assertEquals(DeliveryRate.parse("1/h"), drainBegan().rate());
    end(limited);
  }

  /** The rate holds nothing up where nothing is left. */
  @Test
  @Proves("P1")
  void aDrainEndsWhenNothingIsDue() throws Exception {
    signUp("a");
    Outbox limited = limited("1/h", AppConfig.Drain.DUE);
    awaitRecorded(1);
    assertTrue(limited.stopDispatching(LONG));
    Deadline far = Deadline.in(Duration.ofMinutes(5));
    limited.drain(AppConfig.Drain.DUE, far, far);
    assertFalse(far.minus(Duration.ofMinutes(4)).passed());
    end(limited);
  }

  @Test
  void aDrainThatClaimsNothingHasNoRate() throws Exception {
    Outbox limited = limited("1/h", AppConfig.Drain.IN_FLIGHT);
    assertTrue(limited.stopDispatching(LONG));
    limited.drain(AppConfig.Drain.IN_FLIGHT, Deadline.in(LONG), Deadline.in(LONG));
    assertEquals(DeliveryRate.NONE, drainBegan().rate());
    end(limited);
  }

  private DeliveryEvent.DrainBegan drainBegan() {
    return events.stream()
        .filter(DeliveryEvent.DrainBegan.class::isInstance)
        .map(DeliveryEvent.DrainBegan.class::cast)
        .findFirst()
        .orElseThrow();
  }
}
