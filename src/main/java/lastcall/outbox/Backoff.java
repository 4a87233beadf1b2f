package lastcall.outbox;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** How long an e-mail waits after a failed try. */
final class Backoff {
  /**
   * A server that did not answer the final dot may still be at work on the e-mail, and people
   * should not get five copies within a minute.
   */
  private static final List<Duration> UNKNOWN =
      List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(30));

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
    return Duration.ofMillis(random.nextLong(doubled(attempts).toMillis() + 1));
  }

  /**
   * Without jitter.
   *
   * @param unknowns how often it has happened before
   */
  Duration afterUnknown(int unknowns) {
    return UNKNOWN.get(Math.min(unknowns, UNKNOWN.size() - 1));
  }

  /** No e-mail waits longer. */
  Duration longest() {
    return max.compareTo(UNKNOWN.getLast()) < 0 ? UNKNOWN.getLast() : max;
  }

  private Duration doubled(int attempts) {
    int doublings = Math.min(Math.max(attempts - 1, 0), 30); // beyond that it would overflow
    Duration wait = initial.multipliedBy(1L << doublings);
    return wait.compareTo(max) > 0 ? max : wait;
  }
}
