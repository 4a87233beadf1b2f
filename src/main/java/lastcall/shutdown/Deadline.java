package lastcall.shutdown;

import java.time.Duration;

/**
 * A moment by {@link System#nanoTime}, so that setting the wall clock moves no deadline. All waits
 * of the service are bounded by one.
 *
 * @param at in nanoseconds, good for differences only
 */
public record Deadline(long at) {
  public static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime()).plus(duration);
  }

  public Deadline plus(Duration duration) {
    return new Deadline(at + duration.toNanos());
  }

  public Deadline minus(Duration duration) {
    return new Deadline(at - duration.toNanos());
  }

  /** This deadline or the other one, whichever comes first. */
  public Deadline or(Deadline other) {
    return at - other.at < 0 ? this : other;
  }

  /** This deadline, or one that long from now, whichever comes first. */
  public Deadline orIn(Duration longest) {
    return or(in(longest));
  }

  /** What has passed since, negative before it. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - at);
  }

  /** What is left of it, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, at - System.nanoTime()));
  }

  public boolean passed() {
    return at - System.nanoTime() <= 0;
  }
}
