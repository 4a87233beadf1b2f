package lastcall.drill;

import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * The user's PostgreSQL. Each row of the table has a schema of its own in it; nothing else there is
 * touched.
 */
record Postgres(String url, String user, String password) {
  /** A server that restarts takes some seconds. */
  private static final int TRIES = 20;

  private Rows with(String parameters) {
    return new Rows(url + (url.contains("?") ? "&" : "?") + parameters, user, password);
  }

  private Rows whole() {
    return with("connectTimeout=5&socketTimeout=20");
  }

  /** The connections have the schema's name, too. */
  Rows rows(String schema) {
    return with("currentSchema=" + schema + "&ApplicationName=" + schema);
  }

  /**
   * @throws SQLException when it can't be reached, or the user may not create a schema
   */
  void check() throws SQLException {
    String may = "SELECT has_database_privilege(current_database(), 'CREATE')";
    if (!whole().select(may).contains("t")) {
      throw new SQLException(user + " may not create a schema there");
    }
  }

  /** Returns its name. */
  String createSchema() throws SQLException {
    String schema = "drill_" + UUID.randomUUID().toString().replace("-", "");
    whole().update("CREATE SCHEMA " + schema);
    return schema;
  }

  void drop(String schema) {
    for (int tries = 1; ; tries++) {
      try {
        whole().update("DROP SCHEMA " + schema + " CASCADE");
        return;
      } catch (SQLException e) { // it may just be restarting
        if (tries == TRIES) {
          System.err.println("lastcall drill: could not drop schema " + schema + ": " + e);
          return;
        }
        LockSupport.parkNanos(500_000_000);
      }
    }
  }
}
