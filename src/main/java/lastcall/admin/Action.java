package lastcall.admin;

import java.util.Locale;
import lastcall.store.Dialect;

/** What can be done to an e-mail that is not claimed. */
public enum Action {
  /** It is due now, and its attempts are counted from the start if it was given up. */
  RETRY(
      "state IN ('refused', 'exhausted', 'unconfirmed', 'cancelled')"
          + " OR state = 'due' AND owner IS NULL AND due_at > %1$s",
      """
      state = 'due', due_at = %1$s, ended_at = NULL,
      attempts = CASE state WHEN 'due' THEN attempts ELSE 0 END,
      unknowns = CASE state WHEN 'due' THEN unknowns ELSE 0 END\
      """),
  /** It is kept and not sent. A lease that has ended is nobody's, as in a claim. */
  CANCEL(
      "state = 'due' AND (owner IS NULL OR due_at <= %1$s)",
      "state = 'cancelled', ended_at = %1$s, owner = NULL");

  /**
   * Before a RETRY, for one id: the numbers of the attempts begin anew, and would be taken for the
   * old ones. Those of an e-mail that waits for its next attempt stay.
   */
  static final String FORGET =
      "DELETE FROM attempts WHERE mail_id = (SELECT id FROM outbox WHERE id = ?"
          + " AND state IN ('refused', 'exhausted', 'unconfirmed', 'cancelled'))";

  /** Which rows it changes. */
  final String possible;

  private final String change;

  Action(String possible, String change) {
    this.possible = possible;
    this.change = change;
  }

  /**
   * For one id. A row that the service has locked is claimed, or about to be: it is skipped, and
   * nobody waits for anybody else's locks.
   */
  String statement(Dialect dialect) {
    String row = "SELECT id FROM outbox WHERE id = ? AND (" + possible + ") ";
    return "UPDATE outbox SET " + change + " WHERE id IN (" + row + dialect.skipLocked() + ")";
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Why an e-mail in this state was not changed. */
  String whyNot(State state) {
    return switch (state) {
      case CLAIMED -> "it is being sent just now; try again when that has ended";
      case SENT -> "it is sent; nothing sends it a second time";
      case DUE -> this == RETRY ? "it is due already" : "it was claimed just now";
      case LATER -> "it was claimed just now";
      case REFUSED, EXHAUSTED, UNCONFIRMED, CANCELLED ->
          this == CANCEL
              ? "it is " + state.word() + ", so nothing sends it"
              : "it changed just now; try again";
    };
  }
}
