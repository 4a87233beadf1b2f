package lastcall.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import lastcall.config.AppConfig;
import org.postgresql.PGConnection;

/** PostgreSQL, shared by several instances. What stands in the url goes before what stands here. */
record Postgres(
    AppConfig.Store config, String now, String findSchema, String lockSchema, boolean shared)
    implements Dialect {
  /**
   * In the server, so that they hold when this process is frozen or cut off, too: its locks are
   * gone after 10 s, before another's lease. A caller waits 4 to 5 s. PostgreSQL keeps a plan for
   * each statement, so none may be made for the empty table that would read all of the full one:
   * each of our statements has an index. The probe has none, and looks so costly then that it would
   * be compiled. A server or role with synchronous_commit off acknowledges what a crash of its own
   * then loses. By statements, since poolers refuse or drop the parameter "options" of a new
   * connection.
   */
  private static final String SET =
      """
      SET statement_timeout = 4000; SET lock_timeout = 1500;
      SET idle_in_transaction_session_timeout = 10000; SET enable_seqscan = off; SET jit = off;
      SELECT set_config('synchronous_commit', 'on', false)
      WHERE current_setting('synchronous_commit') = 'off'\
      """;

  /** Asked in a transaction of its own, after SET. */
  private static final String HOLDS =
      "SELECT current_setting('lock_timeout') = '1500ms'"
          + " AND current_setting('synchronous_commit') <> 'off'";

  private static final String PID = "SELECT pg_backend_pid()";

  /** Enough that the other clients of a busy pooler have changed which connection is free. */
  private static final int LOOKS = 10;

  @Override
  public Connection connect(boolean create) throws SQLException {
    Connection connection = open();
    try {
      // With another encoding, a sign-up whose name has other letters would get 503 for ever.
      String encoding = Sql.ask(connection, "SHOW server_encoding");
      if (create && !"UTF8".equals(encoding)) {
        throw new SQLException(
            ("the database's encoding is " + encoding + ", which can't hold every name")
                + "; create one with UTF8: createdb --template=template0 --encoding=UTF8 NAME");
      }
      if (create) {
        mustBeOneSession(connection);
      }
      Sql.execute(connection, SET);
      if (!"t".equals(Sql.ask(connection, HOLDS))) {
        throw new SQLException(
            "a pooler does not keep what is set for a session, such as time limits and"
                + " synchronous_commit; connect to PostgreSQL itself");
      }
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private Connection open() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", Objects.requireNonNullElse(config.user(), ""));
    properties.setProperty("password", Objects.requireNonNullElse(config.password(), ""));
    properties.setProperty("connectTimeout", "2"); // s, for each host of the url
    properties.setProperty("loginTimeout", "10"); // s, in all; 4 were not enough on a busy machine
    properties.setProperty("socketTimeout", "5"); // s; above statement_timeout, which goes first
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("ApplicationName", "lastcall");
    // Or the log gets what a failed batch held: addresses, names, hashes.
    properties.setProperty("logServerErrorDetail", "false");
    properties.setProperty("targetServerType", "primary"); // of several hosts, after a failover
    // What the driver knows of a host counts for a second, as often as we try. With its 10 s, a
    // standby that has just been promoted is passed over for an old primary that is gone.
    properties.setProperty("hostRecheckSeconds", "1");
    return DriverManager.getConnection(config.url(), properties);
  }

  /**
   * A pooler may give each transaction another connection to PostgreSQL. Then sign-ups would be
   * committed by one on which nothing of the above is set, and nobody would see it.
   */
  private void mustBeOneSession(Connection ours) throws SQLException {
    String pid = Sql.ask(ours, PID);
    if (("" + ours.unwrap(PGConnection.class).getBackendPID()).equals(pid)) {
      return; // no pooler: they number their clients themselves
    }
    // While we are connected, a session's process serves us, always and nobody else.
    boolean pooled = false;
    try (Connection other = open()) {
      for (int look = 0; look < LOOKS && !pooled; look++) {
        pooled =
            !Objects.equals(Sql.ask(ours, PID), pid) || Objects.equals(Sql.ask(other, PID), pid);
      }
    } catch (SQLException e) {
      throw new SQLException(
          "the pooler gave no second connection; each start needs one for a moment: raise its"
              + (" pool_size for this database: " + e.getMessage()));
    }
    if (pooled) {
      throw new SQLException(
          "the pooler gives each transaction another connection, on which time limits and"
              + " synchronous_commit would not hold; set pool_mode = session for this database"
              + " in the pooler, or connect to PostgreSQL itself");
    }
  }
}
