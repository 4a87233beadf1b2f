package lastcall.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Until it ends, no instance claims anything. Instants are milliseconds since 1970 by the
 * database's clock.
 *
 * @param by who has paused the outbox
 */
public record Pause(long at, long until, String by) {
  /** In the row of a pause that has no end. */
  static final long NO_END = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

  /** Null if somebody has to resume it. */
  public @Nullable Instant end() {
    return until == NO_END ? null : Instant.ofEpochMilli(until);
  }
}
