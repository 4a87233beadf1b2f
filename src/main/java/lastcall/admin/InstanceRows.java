package lastcall.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.config.AppConfig;
import lastcall.store.Sql;
import org.jspecify.annotations.Nullable;

/** The processes that have used this database: a row for each start, which tells how it ended. */
public final class InstanceRows implements AutoCloseable {
  /** Rows of processes that were not seen for so long are deleted. */
  private static final Duration KEPT = Duration.ofDays(90);

  private static final String COLUMNS =
      "id, host, pid, version, started_at, seen_at, state, stopping_at, stop_signal, deadline_at,"
          + " phase, stopped_at, status, counts";

  /**
   * A process. Instants are milliseconds since 1970, {@code seenAt} by the database's clock and the
   * others by the process's own.
   *
   * @param state serving, stopping or stopped; one that was killed stays what it was
   * @param phase of its stop
   * @param counts of its stop, as {@code sent=3 released=0}
   */
  public record Row(
      String id,
      String host,
      long pid,
      String version,
      long startedAt,
      long seenAt,
      String state,
      @Nullable Long stoppingAt,
      @Nullable String signal,
      @Nullable Long deadlineAt,
      @Nullable String phase,
      @Nullable Long stoppedAt,
      @Nullable Integer status,
      @Nullable String counts) {}

  /**
   * @param now by the database's clock, as {@code seenAt}
   */
  public record Seen(long now, List<Row> rows) {}

  private final AdminConnection connection;

  public InstanceRows(AppConfig.Store config) {
    this.connection = new AdminConnection(config, AdminConnection.REQUEST);
  }

  /** Writes the row of this process, seen now. */
  public void save(Row row) throws AdminException, InterruptedException {
    connection.read(sql -> {
      if (!sql.dialect().shared()) {
        // No fsync, which the stop would wait for: a power cut may take the last rows.
        Sql.execute(sql.connection(), "PRAGMA synchronous = NORMAL");
      }
      return 0;
    });
    connection.write(sql -> {
      int updated =
          sql.update(
              "UPDATE instances SET seen_at = %1$s, state = ?, stopping_at = ?, stop_signal = ?,"
                  + " deadline_at = ?, phase = ?, stopped_at = ?, status = ?, counts = ?"
                  + " WHERE id = ?",
              row.state(),
              row.stoppingAt(),
              row.signal(),
              row.deadlineAt(),
              row.phase(),
              row.stoppedAt(),
              row.status(),
              row.counts(),
              row.id());
      if (updated == 0) {
        sql.update(
            "INSERT INTO instances (id, host, pid, version, started_at, seen_at, state)"
                + " VALUES (?, ?, ?, ?, ?, %1$s, ?)",
            row.id(), row.host(), row.pid(), row.version(), row.startedAt(), row.state());
        sql.update("DELETE FROM instances WHERE seen_at < %1$s - ?", KEPT.toMillis());
      }
      return updated;
    });
  }

  /** The ones that were seen last, the latest first. */
  public Seen seen(int most) throws AdminException, InterruptedException {
    return connection.read(sql -> {
      List<Row> rows = new ArrayList<>();
      String query = "SELECT " + COLUMNS + " FROM instances ORDER BY seen_at DESC LIMIT ?";
      try (ResultSet row = sql.query(query, most)) {
        while (row.next()) {
          rows.add(row(row));
        }
      }
      return new Seen(sql.now(), rows);
    });
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString(1),
        row.getString(2),
        row.getLong(3),
        row.getString(4),
        row.getLong(5),
        row.getLong(6),
        row.getString(7),
        number(row, 8),
        row.getString(9),
        number(row, 10),
        row.getString(11),
        number(row, 12),
        row.getObject(13) == null ? null : row.getInt(13),
        row.getString(14));
  }

  private static @Nullable Long number(ResultSet row, int column) throws SQLException {
    long number = row.getLong(column);
    return row.wasNull() ? null : number;
  }

  /** Any thread may call it, at any time; it returns within 2 s. */
  @Override
  public void close() {
    connection.close();
  }
}
