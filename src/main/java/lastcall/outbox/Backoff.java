package lastcall.outbox;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long an e-mail waits after a failed try. */
final class Backoff {
  /** A server that did not answer the final dot may still be writing the e-mail to its disk. */
  static final Duration UNKNOWN = Duration.ofSeconds(10);

  private final Duration initial;
  private final Duration max;
  private final RandomGenerator random;

  Backoff(Duration initial, Duration max, RandomGenerator random) {
    this.initial = initial;
    this.max = max;
    this.random = random;
  }

  /** Exponential with full jitter: e-mails that failed together are not tried together again. */
  Duration afterFailure(int attempts) {
    return Duration.ofMillis(random.nextLong(doubled(initial, attempts).toMillis() + 1));
  }

  /** Doubles from 10 s on, without jitter: never earlier, since the server may have taken it. */
  Duration afterUnknown(int attempts) {
    Duration wait = doubled(UNKNOWN, attempts);
    return wait.compareTo(UNKNOWN) < 0 ? UNKNOWN : wait;
  }

  /** No e-mail waits longer. */
  Duration longest() {
    return max.compareTo(UNKNOWN) < 0 ? UNKNOWN : max;
  }

  private Duration doubled(Duration first, int attempts) {
    int doublings = Math.min(Math.max(attempts - 1, 0), 30); // beyond that it would overflow
    Duration wait = first.multipliedBy(1L << doublings);
    return wait.compareTo(max) > 0 ? max : wait;
  }
}
