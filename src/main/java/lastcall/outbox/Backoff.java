package lastcall.outbox;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** How long an e-mail waits after a failed try. */
record Backoff(Duration initial, Duration max, RandomGenerator random) {
  /**
   * A server that did not answer the final dot may still be at work on the e-mail, and people
   * should not get five copies within a minute.
   */
  private static final List<Duration> UNKNOWN =
      List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(30));

  /** Exponential with full jitter: e-mails that failed together are not tried together again. */
  Duration afterFailure(int attempts) {
    int doublings = Math.min(Math.max(attempts - 1, 0), 30); // beyond that it would overflow
    Duration doubled = initial.multipliedBy(1L << doublings);
    Duration most = doubled.compareTo(max) > 0 ? max : doubled;
    return Duration.ofMillis(random.nextLong(most.toMillis() + 1));
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
}
