package lastcall.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of the outbox. Instants are milliseconds since 1970 by the database's clock.
 *
 * @param id its Message-ID
 * @param kind what it says, such as welcome
 * @param owner the instance that has claimed it, or had when its lease ended
 * @param attempts those that count, the one that runs included
 * @param reason of the last failure: phase and what the server said
 * @param traceparent W3C trace context of the sign-up's request
 */
public record Mail(
    String id,
    State state,
    String kind,
    String userId,
    String address,
    long createdAt,
    long dueAt,
    @Nullable Long endedAt,
    @Nullable String owner,
    int attempts,
    int unknowns,
    @Nullable String reason,
    @Nullable String traceparent) {
  @Override
  public String toString() {
    return "Mail[" + id + ", " + state + "]"; // without the address
  }

  /**
   * Tries that had the same number and did not end as sent.
   *
   * @param number which attempt; one that did not count left its number to the next
   * @param tries how many; the rest tells of the last one
   * @param owner the instance that made it
   * @param state what the e-mail was after it, as in the row
   */
  public record Attempt(
      int number, int tries, long endedAt, String owner, String state, String reason) {}

  /** An e-mail with its attempts, the oldest first. */
  public record Details(Mail mail, List<Attempt> attempts) {}

  /**
   * @param next where the search goes on; null at its end. There may be more behind it even if
   *     there are few e-mails here, since one search reads a bounded number of rows
   */
  public record Page(List<Mail> mails, @Nullable Cursor next) {}

  /**
   * The last row that was looked at.
   *
   * @param key of the column by which the rows are ordered
   */
  public record Cursor(long key, String id) {
    /** As it stands in an address. */
    public String text() {
      return key + ":" + id;
    }

    /** Null if it is none. */
    public static @Nullable Cursor parse(@Nullable String text) {
      int colon = text == null ? -1 : text.indexOf(':');
      if (text == null || colon < 1 || !text.substring(0, colon).matches("-?[0-9]{1,18}")) {
        return null;
      }
      return new Cursor(Long.parseLong(text.substring(0, colon)), text.substring(colon + 1));
    }
  }
}
