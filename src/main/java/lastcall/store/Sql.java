package lastcall.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Short statements; {@code %1$s} in them stands for the database's clock. */
record Sql(Connection connection, Dialect dialect) {
  PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql.replace("%1$s", dialect.now()));
    bind(statement, values);
    return statement;
  }

  int update(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values)) {
      return statement.executeUpdate();
    }
  }

  /** One statement for each list of values, in one batch; returns whether each changed its row. */
  List<Boolean> updateEach(String sql, List<Object[]> values) throws SQLException {
    List<Boolean> changed = new ArrayList<>(values.size());
    try (PreparedStatement statement = prepare(sql)) {
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
  }

  static Object[] row(@Nullable Object... values) {
    return values;
  }

  private static void bind(PreparedStatement statement, Object[] values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  /** May be several, with semicolons between them. */
  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The only value of the only row. */
  static @Nullable String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** The only number of the only row. */
  long number(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }
}
