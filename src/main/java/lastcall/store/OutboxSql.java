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

  /** A row from the future is older than a step of the clock, and so than a drain. */
  private static final String CREATED = "(created_at <= ? OR created_at > %1$s)";

  private final Dialect dialect;
  private final String owner;
  private final ClockWatch clock;

  OutboxSql(Dialect dialect, String owner, ClockWatch clock) {
    this.dialect = dialect;
    this.owner = owner;
    this.clock = clock;
  }

  String owner() {
    return owner;
  }

  /**
   * Takes no row that is this owner's already: its task decides on it, or {@link #giveBack}.
   *
   * <p>MATERIALIZED: run again for a row of a join, SKIP LOCKED would lock and take other rows.
   */
  Claim claim(Sql sql, int max, Duration lease, long createdUntil) throws SQLException {
    List<DueMail> mails = new ArrayList<>();
    List<String> dropped = new ArrayList<>();
    String text =
        """
        WITH due AS MATERIALIZED (
          SELECT id FROM outbox WHERE state = 'due' AND due_at <= %1$s AND %2$s
            AND (owner IS NULL OR owner <> ?)
          ORDER BY due_at LIMIT ? %3$s)
        UPDATE outbox SET owner = ?, attempts = attempts + 1, due_at = %1$s + ?
        WHERE id IN (SELECT id FROM due)
        RETURNING id, attempts,
          (SELECT email FROM users WHERE users.id = outbox.user_id),
          (SELECT name FROM users WHERE users.id = outbox.user_id)\
        """
            .replace("%2$s", CREATED)
            .replace("%3$s", dialect.skipLocked());
    try (PreparedStatement update =
            sql.prepare(text, createdUntil, owner, max, owner, lease.toMillis());
        ResultSet row = update.executeQuery()) {
      while (row.next()) {
        String id = row.getString(1);
        String email = row.getString(3);
        if (email == null) {
          dropped.add(id);
        } else {
          mails.add(new DueMail(id, row.getInt(2), email, row.getString(4)));
        }
      }
    }
    for (String id : dropped) { // the address went with the user: nobody could ever send it
      sql.update("DELETE FROM outbox WHERE id = ?", id);
    }
    long asked = System.nanoTime();
    try (PreparedStatement select =
            sql.prepare(
                "SELECT %1$s, MIN(due_at) - %1$s FROM outbox"
                    + " WHERE state = 'due' AND (owner IS NULL OR owner <> ?)",
                owner);
        ResultSet row = select.executeQuery()) {
      row.next();
      long next = row.getLong(2);
      Duration untilNext =
          row.wasNull() ? Duration.ofDays(1) : Duration.ofMillis(Math.max(0, next));
      return new Claim(mails, dropped, clock.look(sql, row.getLong(1), asked, lease), untilNext);
    }
  }

  Set<String> extend(Connection connection, Collection<String> ids, Duration lease)
      throws SQLException {
    List<String> wanted = List.copyOf(ids);
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE outbox SET due_at = %1$s + ? WHERE id = ? AND owner IS NOT DISTINCT FROM ?"
                .replace("%1$s", dialect.now()))) {
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

  Kept release(Sql sql, Set<String> running, long createdUntil, int cap) throws SQLException {
    int givenBack = giveBack(sql, running);
    sql.update("UPDATE outbox SET owner = NULL, due_at = %1$s + 10000 WHERE owner = ?", owner);
    return new Kept(givenBack, pending(sql, createdUntil, cap));
  }

  int giveBack(Sql sql, Set<String> live) throws SQLException {
    List<Object> values = new ArrayList<>(List.of(owner, "")); // PostgreSQL takes no empty list
    values.addAll(live);
    return sql.update(
        "UPDATE outbox SET owner = NULL, due_at = %1$s, attempts = attempts - 1"
            + " WHERE owner = ? AND id NOT IN (?"
            + ", ?".repeat(live.size())
            + ")",
        values.toArray());
  }

  Pending pending(Sql sql, long createdUntil, int cap) throws SQLException {
    return new Pending(
        count(sql, "state = 'due' AND due_at <= %1$s", createdUntil, cap),
        count(sql, "owner > '' AND due_at > %1$s", createdUntil, cap), // by its index: few rows
        count(sql, "state = 'due' AND owner IS NULL AND due_at > %1$s", createdUntil, cap));
  }

  boolean anyDue(Sql sql, Duration lease, long createdUntil) throws SQLException {
    long asked = System.nanoTime();
    clock.look(sql, dialect.now(sql.connection()), asked, lease);
    return count(sql, "state = 'due' AND due_at <= %1$s", createdUntil, 1) > 0;
  }

  private static long count(Sql sql, String which, long createdUntil, int cap) throws SQLException {
    return sql.number(
        "SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE "
            + which
            + " AND "
            + CREATED
            + " LIMIT ?) AS found",
        createdUntil,
        cap);
  }

  int recover(Sql sql, boolean afterAStop) throws SQLException {
    return dialect.shared()
        ? 0
        : sql.update(
            "UPDATE outbox SET owner = NULL, due_at = %1$s, attempts = attempts - ?"
                + " WHERE owner IS NOT NULL AND owner <> ?",
            afterAStop ? 1 : 0, owner);
  }
}
