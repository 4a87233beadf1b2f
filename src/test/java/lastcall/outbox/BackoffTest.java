package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  private static final Duration MAX = Duration.ofMinutes(30);
  private final long seed = new Random().nextLong();
  private final Backoff backoff = new Backoff(Duration.ofSeconds(1), MAX, new Random(seed));

  @Test
  void failuresWaitUpToTheDoubledTime() {
    for (int attempts : new int[] {0, 1, 2, 3, 11, 12, 50, 1000, Integer.MAX_VALUE}) {
      long cap = Math.min(MAX.toMillis(), 1000L << Math.min(Math.max(attempts - 1, 0), 30));
      long least = Long.MAX_VALUE;
      long most = 0;
      for (int i = 0; i < 1000; i++) {
        long wait = backoff.afterFailure(attempts).toMillis();
        least = Math.min(least, wait);
        most = Math.max(most, wait);
      }
      String where =
          "seed %d, attempts %d: %d to %d of %d".formatted(seed, attempts, least, most, cap);
      // Full jitter: 1,000 draws leave a tenth at either end empty once in 10^45.
      assertTrue(least >= 0 && least < cap / 10 && most > cap * 9 / 10 && most <= cap, where);
    }
  }

  @Test
  void unknownWaitsForMinutes() {
    assertEquals(Duration.ofMinutes(1), backoff.afterUnknown(0));
    assertEquals(Duration.ofMinutes(5), backoff.afterUnknown(1));
    assertEquals(Duration.ofMinutes(30), backoff.afterUnknown(2));
    assertEquals(Duration.ofMinutes(30), backoff.afterUnknown(Integer.MAX_VALUE));
    assertEquals(MAX, backoff.longest());
    Backoff fast = new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random(seed));
    assertEquals(Duration.ofMinutes(30), fast.longest());
  }

  @Test
  void longestAllowedInitialDoesNotOverflow() {
    Backoff slow = new Backoff(Duration.ofHours(1), Duration.ofHours(24), new Random(seed));
    assertTrue(slow.afterFailure(1000).compareTo(Duration.ofHours(24)) <= 0);
  }
}
