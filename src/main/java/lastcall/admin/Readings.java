package lastcall.admin;

import org.jspecify.annotations.Nullable;

/**
 * How many e-mails there are, each count up to {@link #CAP}. Sent ones are not counted, since that
 * would read the whole table.
 *
 * @param at when, by the database's clock in milliseconds since 1970
 * @param due could be claimed now; while the outbox is paused, as soon as that ends
 * @param later retries whose time has not come
 * @param oldestCreatedAt when the user of the e-mail that is next to be claimed signed up; null if
 *     none is due
 * @param oldestDueAt since when that e-mail is due
 * @param pause null if the outbox is not paused
 */
public record Readings(
    long at,
    long due,
    long claimed,
    long later,
    long refused,
    long exhausted,
    long unconfirmed,
    long cancelled,
    @Nullable Long oldestCreatedAt,
    @Nullable Long oldestDueAt,
    @Nullable Pause pause) {
  /** Counting ends here: a count that has reached it means so many, or more. */
  public static final int CAP = 10_000;

  /** How many of those that are due wait for the end of the pause. */
  public long paused() {
    return pause == null ? 0 : due;
  }

  public long count(State state) {
    return switch (state) {
      case DUE -> due;
      case LATER -> later;
      case CLAIMED -> claimed;
      case REFUSED -> refused;
      case EXHAUSTED -> exhausted;
      case UNCONFIRMED -> unconfirmed;
      case CANCELLED -> cancelled;
      case SENT -> throw new IllegalArgumentException("sent e-mails are not counted");
    };
  }
}
