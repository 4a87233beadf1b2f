package lastcall.admin;

import java.util.Locale;

/** What an e-mail is to somebody who looks for it. The first three share a state in the row. */
public enum State {
  /** It can be claimed now. */
  DUE("state = 'due' AND due_at <= %1$s", "", "due_at"),
  /** A retry whose time has not come. */
  LATER("state = 'due' AND due_at > %1$s", "owner IS NULL", "due_at"),
  CLAIMED("owner > ''", "state = 'due' AND due_at > %1$s", "due_at"),
  SENT("created_at > 0", "state = 'sent'", "created_at"),
  REFUSED(kept("refused"), "", "ended_at"),
  EXHAUSTED(kept("exhausted"), "", "ended_at"),
  UNCONFIRMED(kept("unconfirmed"), "", "ended_at"),
  CANCELLED(kept("cancelled"), "", "ended_at");

  /** What an index finds. */
  final String indexed;

  /** What is then asked of each row; "" if the index has said it all. */
  final String rest;

  /** The column by which the index is ordered. */
  final String key;

  State(String indexed, String rest, String key) {
    this.indexed = indexed;
    this.rest = rest;
    this.key = key;
  }

  /** With the words of the index outbox_kept: without them no database takes it. */
  private static String kept(String state) {
    return "state NOT IN ('due', 'sent') AND state = '" + state + "'";
  }

  String whole() {
    return rest.isEmpty() ? indexed : indexed + " AND " + rest;
  }

  /** As in commands and documents. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @param column of the row
   */
  static State of(String column, boolean owned, long dueAt, long now) {
    return column.equals("due")
        ? dueAt <= now ? DUE : owned ? CLAIMED : LATER
        : valueOf(column.toUpperCase(Locale.ROOT));
  }
}
