package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rate is, and how many e-mails it lets be claimed, by a clock that is set as it likes. */
final class DeliveryRateTest extends ConfigFixture {
  private static final long HOUR = Duration.ofHours(1).toMillis() * 1000;

  @ParameterizedTest
  @CsvSource({
    "1000/s, 1000",
    "10000/s, 100",
    "10/s, 100000",
    "7/s, 142858",
    "120/min, 500000",
    "1/h, 3600000000",
    "3 / h, 1200000000",
    "36000000/h, 100"
  })
  void intervals(String text, long micros) throws Exception {
    properties.put("delivery.rate", text);
    assertEquals(micros, load().delivery().rate().interval());
    assertEquals(text.replace(" ", ""), load().delivery().rate().toString());
  }

  @Test
  void withoutOneThereIsNoLimit() throws Exception {
    DeliveryRate none = load().delivery().rate();
    assertEquals(DeliveryRate.NONE, none);
    assertEquals(77, none.turn(5, 9).allowed(77));
    assertEquals(Duration.ZERO, none.turn(5, 9).wait(77));
    assertEquals(Long.MAX_VALUE, none.within(Duration.ZERO));
    assertEquals("", none.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10",
        "0/s",
        "-1/s",
        "1.5/s",
        "10/m",
        "10/d",
        "10/sec",
        "s",
        "10001/s",
        "10 per s"
      })
  void wrongOnes(String text) {
    properties.put("delivery.rate", text);
    String error = errors(null).getFirst();
    assertTrue(error.startsWith("delivery.rate=" + text), error);
    assertTrue(error.contains("such as 10/s, 120/min or 5000/h"), error);
  }

  /**
   * Claims of random sizes at random moments, while the clock is set forward and back. By a clock
   * that nobody sets, no window holds more than rate × its length + the burst. A clock that is set
   * forward can give one burst more. Set back it stops delivery for one interval, and not longer.
   */
  @Test
  void neverAboveTheRateWhateverTheClockDoes() {
    long seed = Long.getLong("seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int run = 0; run < 2_000; run++) {
      String unit = random.nextBoolean() ? "s" : random.nextBoolean() ? "min" : "h";
      int most = unit.equals("s") ? 10_000 : 100_000;
      DeliveryRate rate = new DeliveryRate(1 + random.nextInt(1 + random.nextInt(most)), unit);
      String where = "seed " + seed + ", run " + run + ", " + rate;
      double burst = 1 + (double) DeliveryRate.EARLY / rate.interval();
      long clock = random.nextLong(1L << 50);
      long kept = random.nextBoolean() ? 0 : clock + random.nextLong(-HOUR, HOUR);
      double level = 0; // of a bucket that one interval empties by one e-mail
      long unclaimed = 0; // real time since the last e-mail
      for (int step = 0; step < 200; step++) {
        long passed = random.nextLong(1 + random.nextLong(1 + 3 * rate.interval()));
        clock += passed;
        unclaimed += passed;
        level = Math.max(0, level - (double) passed / rate.interval());
        int event = random.nextInt(20);
        if (event == 0) {
          clock -= random.nextLong(HOUR);
        } else if (event == 1) {
          clock += random.nextLong(HOUR);
          level = 0;
        }
        unclaimed = step == 0 || event == 0 ? 0 : unclaimed;
        DeliveryRate.Turn turn = rate.turn(clock, kept);
        int due = random.nextInt(200);
        int claimed = Math.min(due, turn.allowed(1 + random.nextInt(100)));
        kept = turn.next(claimed);
        level += claimed;
        assertTrue(level <= burst + 1e-6, where + ": level " + level + ", burst " + burst);
        assertTrue(
            unclaimed < rate.interval() || turn.allowed(1) == 1,
            where + ": stuck for " + unclaimed + " µs");
        unclaimed = claimed > 0 ? 0 : unclaimed;
        Duration wait = rate.turn(clock, kept).wait(0);
        assertEquals(wait, turn.wait(claimed), where);
        assertEquals(wait.isZero(), rate.turn(clock, kept).allowed(1) == 1, where);
        assertTrue(wait.isZero() || wait.toMillis() >= 50, where + ": would spin " + wait);
        assertTrue(wait.toMillis() <= 1000, where + ": sees no pause " + wait);
      }
    }
  }

  /** Whoever always takes what is allowed gets the rate, even if each look comes somewhat late. */
  @Test
  void asFastAsTheRate() {
    for (String text : new String[] {"1000/s", "20/s", "10/s", "3/s", "50/min"}) {
      DeliveryRate rate = DeliveryRate.parse(text);
      Random random = new Random(1);
      long kept = 0;
      long claimed = 0;
      long begin = 1L << 50;
      long now = begin;
      while (now - begin < HOUR / 6) {
        DeliveryRate.Turn turn = rate.turn(now, kept);
        int some = turn.allowed(100);
        kept = turn.next(some);
        claimed += some;
        now += turn.wait(some).toMillis() * 1000 + 1_000 + random.nextInt(90_000);
      }
      double share = claimed / (rate.perSecond() * (now - begin) / 1e6);
      assertTrue(share > 0.99 && share < 1.01, text + ": " + share);
    }
  }
}
