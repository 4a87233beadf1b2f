package lastcall.management;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Times for people and for JSON. */
final class Times {
  private Times() {}

  /** RFC 3339, UTC. */
  static String instant(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /**
   * Two digits at least, and one unit or two: {@code 4.2 s}, {@code 3 min 20 s}, {@code 5 h 2 min}.
   */
  static String words(long millis) {
    Duration time = Duration.ofMillis(Math.max(0, millis));
    if (time.toSeconds() < 60) {
      return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
    if (time.toMinutes() < 60) {
      return time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }
    return time.toHours() < 48
        ? time.toHours() + " h " + time.toMinutesPart() + " min"
        : time.toDays() + " days";
  }
}
