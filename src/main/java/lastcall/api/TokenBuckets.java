package lastcall.api;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import lastcall.config.Rate;
import org.jspecify.annotations.Nullable;

/**
 * A bucket of tokens for each key. A full bucket has {@code rate.count()} tokens, and it fills up
 * as fast as the rate says. Nothing happens between calls: a bucket is no more than the moment at
 * which it will be full again, and one that nobody knows is full.
 *
 * <p>There are {@value #MOST} at the most. One more takes the place of the one that was asked for
 * the longest time ago, which is full or nearly so by then unless very many keys come. One takes
 * about 120 bytes.
 */
final class TokenBuckets {
  static final int MOST = 100_000;

  private final long oneToken; // in ns, as all times here
  private final long wholeBucket;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashMap<Long, Long> fullAt; // guarded by lock; in the order of their use

  /**
   * @param rate null for as many tokens as are asked for
   */
  TokenBuckets(@Nullable Rate rate, LongSupplier nanoTime) {
    this.wholeBucket = rate == null ? 0 : rate.per().toNanos();
    this.oneToken = rate == null ? 0 : wholeBucket / rate.count();
    this.nanoTime = nanoTime;
    this.fullAt = new LinkedHashMap<>(16, 0.75f, true);
  }

  /** Takes a token. Without one, it takes nothing and returns the time until there is one. */
  Duration take(long key) {
    if (oneToken == 0) {
      return Duration.ZERO;
    }
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      long after = fullAt(key, now) + oneToken;
      if (after - now > wholeBucket) {
        return Duration.ofNanos(after - now - wholeBucket);
      }
      fullAt.put(key, after);
      if (fullAt.size() > MOST) {
        fullAt.pollFirstEntry();
      }
      return Duration.ZERO;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back a token that was taken. */
  void giveBack(long key) {
    lock.lock();
    try {
      fullAt.computeIfPresent(key, (k, full) -> full - oneToken);
    } finally {
      lock.unlock();
    }
  }

  boolean full(long key) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      return fullAt(key, now) == now;
    } finally {
      lock.unlock();
    }
  }

  private long fullAt(long key, long now) {
    Long known = fullAt.get(key);
    return known == null || known - now < 0 ? now : known;
  }

  int size() {
    lock.lock();
    try {
      return fullAt.size();
    } finally {
      lock.unlock();
    }
  }
}
