package lastcall.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Brings the database up to date, each step in one transaction with its number. A step that has
 * landed is never edited; a change is a new step.
 */
final class Schema {
  private static final List<String> STEPS = List.of("schema/1.sql", "schema/2.sql");

  private Schema() {}

  /** The caller closes the connection after an exception, which rolls back. */
  static void update(Connection connection, Dialect dialect) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(dialect.lockSchema());
      statement.execute(
          "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, probed_at BIGINT)");
      int version = 0;
      try (ResultSet row = statement.executeQuery("SELECT version FROM schema_version")) {
        if (row.next()) {
          version = row.getInt(1);
        }
      }
      if (version > STEPS.size()) {
        throw new SQLException(
            ("the database has schema " + version + ", this program knows " + STEPS.size())
                + ": a newer Lastcall has used it; start that version, or restore a backup");
      }
      if (version == 0) {
        statement.executeUpdate("INSERT INTO schema_version (version) VALUES (0)");
      }
      for (int step = version; step < STEPS.size(); step++) {
        for (String sql : read(STEPS.get(step)).split(";\\s*\n", -1)) {
          if (!sql.isBlank()) {
            statement.execute(sql);
          }
        }
        statement.executeUpdate("UPDATE schema_version SET version = " + (step + 1));
      }
    }
    connection.setAutoCommit(true); // commits
  }

  private static String read(String resource) {
    try (InputStream in = Schema.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
