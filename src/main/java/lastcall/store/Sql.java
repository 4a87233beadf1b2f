package lastcall.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Short statements on one connection; {@code %1$s} in them stands for the database's clock. Each
 * text is prepared once and lives as long as the connection, so there must be few of them: values
 * are parameters. On SQLite, preparing takes three times as long as running.
 */
public record Sql(Connection connection, Dialect dialect, Map<String, PreparedStatement> prepared) {
  Sql(Connection connection, Dialect dialect) {
    this(connection, dialect, new HashMap<>());
  }

  private PreparedStatement prepare(String sql, @Nullable Object... values) throws SQLException {
    String text = sql.replace("%1$s", dialect.now());
    PreparedStatement statement = prepared.get(text);
    if (statement == null) {
      statement = connection.prepareStatement(text);
      prepared.put(text, statement);
    }
    bind(statement, values);
    return statement;
  }

  /** The caller closes what this returns, before anything else runs. */
  public ResultSet query(String sql, Object... values) throws SQLException {
    return prepare(sql, values).executeQuery();
  }

  public int update(String sql, @Nullable Object... values) throws SQLException {
    return prepare(sql, values).executeUpdate();
  }

  /** One statement for each list of values, in one batch; returns whether each changed its row. */
  public List<Boolean> updateEach(String sql, List<Object[]> values) throws SQLException {
    if (values.isEmpty()) {
      return List.of();
    }
    List<Boolean> changed = new ArrayList<>(values.size());
    PreparedStatement statement = prepare(sql);
    statement.clearBatch(); // a batch that failed may have left rows
    for (Object[] row : values) {
      bind(statement, row);
      statement.addBatch();
    }
    for (int count : statement.executeBatch()) {
      if (count < 0) { // then nobody can say whose row it was
        throw new SQLException("the driver does not count the rows of a batch");
      }
      changed.add(count == 1);
    }
    return changed;
  }

  /** The same; returns those of {@code all} whose statement has changed its row. */
  <T> List<T> changed(String sql, List<T> all, Function<T, Object[]> values) throws SQLException {
    List<Boolean> changed = updateEach(sql, all.stream().map(values).toList());
    return IntStream.range(0, all.size()).filter(changed::get).mapToObj(all::get).toList();
  }

  public static Object[] row(@Nullable Object... values) {
    return values;
  }

  private static void bind(PreparedStatement statement, @Nullable Object[] values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  /** May be several, with semicolons between them. */
  public static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The only value of the only row. */
  public static @Nullable String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** The only number of the only row. */
  public long number(String sql, Object... values) throws SQLException {
    try (ResultSet row = query(sql, values)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** The database's clock: milliseconds since 1970. */
  public long now() throws SQLException {
    return number("SELECT %1$s");
  }
}
