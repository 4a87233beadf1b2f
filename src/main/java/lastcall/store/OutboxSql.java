package lastcall.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The outbox's statements, one owner's, run by the writer inside its transaction. By id they say IS
 * NOT DISTINCT FROM, which no index serves: PostgreSQL may think that hardly a row has an owner,
 * and go through all of this owner's for each id (30,000 results: not done in 40 s, instead of in
 * 6).
 */
final class OutboxSql {
  record Result(String id, Verdict verdict) {}

  private final Dialect dialect;
  private final String owner;

  OutboxSql(Dialect dialect, String owner) {
    this.dialect = dialect;
    this.owner = owner;
  }

  String owner() {
    return owner;
  }

  /** MATERIALIZED: run again for a row of a join, SKIP LOCKED would lock and take other rows. */
  Claim claim(Connection connection, int max, Duration lease, long createdUntil)
      throws SQLException {
    List<DueMail> mails = new ArrayList<>();
    try (PreparedStatement update =
        connection.prepareStatement(
            """
            WITH due AS MATERIALIZED (
              SELECT id FROM outbox
              WHERE state = 'due' AND due_at <= %1$s AND created_at <= ?
              ORDER BY due_at LIMIT ? %2$s)
            UPDATE outbox SET owner = ?, attempts = attempts + 1, due_at = %1$s + ?
            WHERE id IN (SELECT id FROM due)
            RETURNING id, attempts,
              (SELECT email FROM users WHERE users.id = outbox.user_id),
              (SELECT name FROM users WHERE users.id = outbox.user_id)\
            """
                .replace("%1$s", dialect.now())
                .replace("%2$s", dialect.skipLocked()))) {
      update.setLong(1, createdUntil);
      update.setInt(2, max);
      update.setString(3, owner);
      update.setLong(4, lease.toMillis());
      try (ResultSet row = update.executeQuery()) {
        while (row.next()) {
          mails.add(
              new DueMail(row.getString(1), row.getInt(2), row.getString(3), row.getString(4)));
        }
      }
    }
    return new Claim(mails, untilNext(connection));
  }

  private Duration untilNext(Connection connection) throws SQLException {
    String sql = "SELECT MIN(due_at) - " + dialect.now() + " FROM outbox WHERE state = 'due'";
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      row.next();
      long millis = row.getLong(1);
      return row.wasNull() ? Duration.ofDays(1) : Duration.ofMillis(Math.max(0, millis));
    }
  }

  Set<String> extend(Connection connection, Collection<String> ids, Duration lease)
      throws SQLException {
    List<String> wanted = List.copyOf(ids);
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE outbox SET due_at = %s + ? WHERE id = ? AND owner IS NOT DISTINCT FROM ?"
                .replace("%s", dialect.now()))) {
      for (String id : wanted) {
        update.setLong(1, lease.toMillis());
        update.setString(2, id);
        update.setString(3, owner);
        update.addBatch();
      }
      int[] counts = update.executeBatch();
      Set<String> held = new HashSet<>();
      for (int i = 0; i < counts.length; i++) {
        if (counts[i] == 1) {
          held.add(wanted.get(i));
        }
      }
      return held;
    }
  }

  List<Boolean> record(Connection connection, List<Result> results) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            """
            UPDATE outbox SET state = ?, due_at = %1$s + ?, attempts = attempts - ?,
              last_error = ?, ended_at = CASE WHEN ? = 'due' THEN NULL ELSE %1$s END, owner = NULL
            WHERE id = ? AND owner IS NOT DISTINCT FROM ?\
            """
                .replace("%1$s", dialect.now()))) {
      for (Result result : results) {
        switch (result.verdict()) {
          case Verdict.Sent() -> bind(update, "sent", Duration.ZERO, 0, "");
          case Verdict.Refused(String why) -> bind(update, "refused", Duration.ZERO, 0, why);
          case Verdict.Exhausted(String why) -> bind(update, "exhausted", Duration.ZERO, 0, why);
          case Verdict.Again(Duration delay, boolean counted, String why) ->
              bind(update, "due", delay, counted ? 0 : 1, why);
        }
        update.setString(6, result.id());
        update.setString(7, owner);
        update.addBatch();
      }
      return Arrays.stream(update.executeBatch()).mapToObj(n -> n == 1).toList();
    }
  }

  private static void bind(
      PreparedStatement update, String state, Duration delay, int takeBack, String why)
      throws SQLException {
    update.setString(1, state);
    update.setLong(2, delay.toMillis());
    update.setInt(3, takeBack);
    update.setString(4, why.isEmpty() ? null : why.replace('\0', ' ')); // PostgreSQL takes none
    update.setString(5, state);
  }

  int release(Connection connection, Set<String> unknown) throws SQLException {
    // First the unknown ones, which so lose their owner and are not among the rest.
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE outbox SET owner = NULL, due_at = %s + 10000 WHERE id = ? AND owner IS NOT DISTINCT FROM ?"
                .replace("%s", dialect.now()))) {
      for (String id : unknown) {
        update.setString(1, id);
        update.setString(2, owner);
        update.addBatch();
      }
      update.executeBatch();
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE outbox SET owner = NULL, due_at = %s, attempts = attempts - 1 WHERE owner = ?"
                .replace("%s", dialect.now()))) {
      update.setString(1, owner);
      return update.executeUpdate();
    }
  }

  Pending pending(Connection connection, long createdUntil) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            """
            SELECT
              COUNT(CASE WHEN owner IS NULL AND due_at <= %1$s THEN 1 END),
              COUNT(owner),
              COUNT(CASE WHEN owner IS NULL AND due_at > %1$s THEN 1 END)
            FROM outbox WHERE state = 'due' AND created_at <= ?\
            """
                .replace("%1$s", dialect.now()))) {
      select.setLong(1, createdUntil);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return new Pending(row.getLong(1), row.getLong(2), row.getLong(3));
      }
    }
  }

  int recover(Connection connection) throws SQLException {
    if (dialect.shared()) {
      return 0;
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE outbox SET owner = NULL, due_at = %s WHERE owner IS NOT NULL AND owner <> ?"
                .replace("%s", dialect.now()))) {
      update.setString(1, owner);
      return update.executeUpdate();
    }
  }
}
