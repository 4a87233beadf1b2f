package lastcall.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;

/**
 * Brings the database up to date, all steps in one transaction. A step that has landed is never
 * edited; a change is a new step.
 */
final class Schema {
  static final List<String> STEPS =
      List.of("schema/1.sql", "schema/2.sql", "schema/3.sql", "schema/4.sql", "schema/5.sql");

  private Schema() {}

  /** The caller closes the connection after an exception, which rolls back. */
  static void update(Sql sql) throws SQLException {
    Connection connection = sql.connection();
    connection.setAutoCommit(false);
    Sql.execute(connection, sql.dialect().lockSchema());
    // Found and not "IF NOT EXISTS", for which PostgreSQL wants the right to create even then.
    if (Sql.ask(connection, sql.dialect().findSchema()) == null) {
      Sql.execute(
          connection, "CREATE TABLE schema_version (version INTEGER NOT NULL, probed_at BIGINT)");
      Sql.execute(connection, "INSERT INTO schema_version (version) VALUES (0)");
    }
    int version = (int) sql.number("SELECT version FROM schema_version");
    if (version > STEPS.size()) {
      throw new SQLException(
          ("the database has schema " + version + ", this program knows " + STEPS.size())
              + ": a newer Lastcall has used it; start that version, or restore a backup");
    }
    for (String step : STEPS.subList(version, STEPS.size())) {
      if (step.equals("schema/3.sql") && sql.dialect().shared()) { // SQLite can't drop a constraint
        run(connection, "schema/3-postgresql.sql");
      }
      run(connection, step);
      Sql.execute(connection, "UPDATE schema_version SET version = version + 1");
    }
    run(connection, "schema/rights.sql");
    connection.setAutoCommit(true); // commits
  }

  private static void run(Connection connection, String resource) throws SQLException {
    try (InputStream in = Schema.class.getClassLoader().getResourceAsStream(resource)) {
      byte[] statements = Objects.requireNonNull(in, resource).readAllBytes();
      for (String sql : new String(statements, StandardCharsets.UTF_8).split(";\\s*\n", 0)) {
        Sql.execute(connection, sql);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
