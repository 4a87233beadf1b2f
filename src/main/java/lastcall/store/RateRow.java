package lastcall.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import lastcall.config.DeliveryRate;

/** The row that keeps all owners together to {@code delivery.rate}. */
record RateRow(DeliveryRate rate) {
  /**
   * Takes the row, until the transaction ends. No owner waits for another: who finds it taken, or
   * missing, claims nothing, so that two can't be the first.
   */
  DeliveryRate.Turn take(Sql sql) throws SQLException {
    if (rate.isNone()) {
      return rate.turn(0, 0);
    }
    String kept = "SELECT %1$s * 1000, next_at FROM rate WHERE id = 1 ";
    try (ResultSet row = sql.query(kept + sql.dialect().skipLocked())) {
      if (row.next()) {
        return rate.turn(row.getLong(1), row.getLong(2));
      }
    }
    String first = "INSERT INTO rate SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM rate)";
    sql.update(first + " ON CONFLICT DO NOTHING");
    return rate.notNow();
  }

  static void leave(Sql sql, DeliveryRate.Turn turn, int mails) throws SQLException {
    if (turn.next(mails) != turn.kept()) {
      sql.update("UPDATE rate SET next_at = ? WHERE id = 1", turn.next(mails));
    }
  }
}
