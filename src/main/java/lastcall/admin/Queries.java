package lastcall.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lastcall.store.Sql;
import org.jspecify.annotations.Nullable;

/** What is asked of the database. Each query reads a bounded number of rows, by an index. */
final class Queries {
  /** One query looks at so many rows at most (measured: some 50 ms), however few it finds. */
  static final int LOOKS = 20_000;

  private static final String COLUMNS =
      """
      id, state, owner IS NOT NULL, due_at, %1$s, kind, user_id,
      COALESCE(recipient, (SELECT email FROM users WHERE users.id = user_id), ''),
      created_at, ended_at, owner, attempts, unknowns, last_error, traceparent,\
      """;

  private Queries() {}

  /**
   * @param next the last row that was looked at; null if there are no more
   */
  record Ids(List<String> ids, Mail.@Nullable Cursor next) {}

  static Ids ids(Sql sql, Filter filter, String possible, Mail.@Nullable Cursor from, int limit)
      throws SQLException {
    List<String> ids = new ArrayList<>();
    Mail.Cursor last = null;
    try (ResultSet row = search(sql, "id,", filter, possible, from, limit)) {
      while (row.next()) {
        ids.add(row.getString(1));
        last = new Mail.Cursor(row.getLong(2), row.getString(1));
      }
    }
    return new Ids(ids, ids.size() == limit ? last : end(sql, filter, possible, from));
  }

  static Mail.Page find(Sql sql, Filter filter, Mail.@Nullable Cursor from, int limit)
      throws SQLException {
    List<Mail> mails = new ArrayList<>();
    Mail.Cursor last = null;
    try (ResultSet row = search(sql, COLUMNS, filter, "", from, limit)) {
      while (row.next()) {
        mails.add(mail(row));
        last = new Mail.Cursor(row.getLong(16), row.getString(1));
      }
    }
    return new Mail.Page(mails, mails.size() == limit ? last : end(sql, filter, "", from));
  }

  private static Mail mail(ResultSet row) throws SQLException {
    long dueAt = row.getLong(4);
    long endedAt = row.getLong(10);
    return new Mail(
        row.getString(1),
        State.of(row.getString(2), row.getBoolean(3), dueAt, row.getLong(5)),
        row.getString(6),
        row.getString(7),
        row.getString(8),
        row.getLong(9),
        dueAt,
        endedAt == 0 ? null : endedAt,
        row.getString(11),
        row.getInt(12),
        row.getInt(13),
        row.getString(14),
        row.getString(15));
  }

  /** The rows that the index finds, newest first; of these so many, and only they are looked at. */
  private static String indexed(
      Filter filter, Mail.@Nullable Cursor from, String columns, String limit) {
    String key = filter.key();
    String behind = from == null ? "" : " AND " + key + " <= ? AND (" + key + " < ? OR id < ?)";
    return "SELECT "
        + columns
        + " FROM outbox WHERE "
        + filter.indexed().text()
        + behind
        + " ORDER BY "
        + key
        + " DESC, id DESC LIMIT "
        + limit;
  }

  private static List<Object> values(Filter filter, Mail.@Nullable Cursor from) {
    List<Object> behind = from == null ? List.of() : List.of(from.key(), from.key(), from.id());
    return Stream.concat(filter.indexed().values().stream(), behind.stream()).toList();
  }

  private static ResultSet search(
      Sql sql,
      String columns,
      Filter filter,
      String possible,
      Mail.@Nullable Cursor from,
      int limit)
      throws SQLException {
    Filter.Condition rest = filter.rest(possible);
    List<Object> values = new ArrayList<>(values(filter, from));
    String wanted = columns + " " + filter.key();
    if (rest.text().isEmpty()) {
      values.add(limit);
      return sql.query(indexed(filter, from, wanted, "?"), values.toArray());
    }
    values.addAll(rest.values());
    values.add(limit);
    String text =
        "SELECT "
            + wanted
            + " FROM ("
            + indexed(filter, from, "*", "" + LOOKS)
            + ") AS looked WHERE "
            + rest.text()
            + " ORDER BY "
            + filter.key()
            + " DESC, id DESC LIMIT ?";
    return sql.query(text, values.toArray());
  }

  /** Where a search goes on that found too few: behind the last row that it has looked at. */
  private static Mail.@Nullable Cursor end(
      Sql sql, Filter filter, String possible, Mail.@Nullable Cursor from) throws SQLException {
    if (filter.rest(possible).text().isEmpty()) {
      return null;
    }
    String text = indexed(filter, from, filter.key() + ", id", "1 OFFSET " + (LOOKS - 1));
    try (ResultSet row = sql.query(text, values(filter, from).toArray())) {
      return row.next() ? new Mail.Cursor(row.getLong(1), row.getString(2)) : null;
    }
  }

  static List<Mail.Attempt> attempts(Sql sql, String id) throws SQLException {
    String text =
        "SELECT attempt, tries, ended_at, owner, state, reason FROM attempts WHERE mail_id = ?"
            + " ORDER BY ended_at, attempt LIMIT 1000";
    List<Mail.Attempt> attempts = new ArrayList<>();
    try (ResultSet row = sql.query(text, id)) {
      while (row.next()) {
        attempts.add(
            new Mail.Attempt(
                row.getInt(1),
                row.getInt(2),
                row.getLong(3),
                row.getString(4),
                row.getString(5),
                row.getString(6)));
      }
    }
    return attempts;
  }

  static @Nullable Pause pause(Sql sql) throws SQLException {
    String text =
        "SELECT paused_at, paused_until, paused_by FROM pause"
            + " WHERE id = 1 AND paused_until > %1$s";
    try (ResultSet row = sql.query(text)) {
      return row.next() ? new Pause(row.getLong(1), row.getLong(2), row.getString(3)) : null;
    }
  }

  static Readings readings(Sql sql) throws SQLException {
    Long createdAt = null;
    Long dueAt = null;
    String oldest =
        "SELECT created_at, due_at FROM outbox WHERE "
            + State.DUE.whole()
            + " ORDER BY due_at LIMIT 1";
    try (ResultSet row = sql.query(oldest)) {
      if (row.next()) {
        createdAt = row.getLong(1);
        dueAt = row.getLong(2);
      }
    }
    return new Readings(
        sql.now(),
        count(sql, State.DUE),
        count(sql, State.CLAIMED),
        count(sql, State.LATER),
        count(sql, State.REFUSED),
        count(sql, State.EXHAUSTED),
        count(sql, State.UNCONFIRMED),
        count(sql, State.CANCELLED),
        createdAt,
        dueAt,
        pause(sql));
  }

  private static long count(Sql sql, State state) throws SQLException {
    return sql.number(
        "SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE "
            + state.whole()
            + " LIMIT "
            + Readings.CAP
            + ") AS found");
  }
}
