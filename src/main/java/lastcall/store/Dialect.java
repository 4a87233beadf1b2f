package lastcall.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;

/** What differs from one database to the next: how to connect, the clock, how rows are claimed. */
interface Dialect {
  static Dialect of(AppConfig.Store config) {
    return config.file() == null ? new Postgres(config) : new Sqlite(config.file());
  }

  /**
   * In auto-commit mode: no transaction, and no lock, is held until one is asked for.
   *
   * @param create only at the start: an empty file must not take the place of one that is gone
   */
  Connection connect(boolean create) throws SQLException;

  /** Tells the database's file from any other that stands at its path; null if there is none. */
  @Nullable Object fileKey();

  /** An SQL expression: the database's clock in milliseconds since 1970. */
  String now();

  /** The same, asked: milliseconds since 1970. */
  default long now(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + now())) {
      row.next();
      return row.getLong(1);
    }
  }

  /** A statement that lets only one instance at a time change the schema, until it commits. */
  String lockSchema();

  /** Appended to the inner SELECT of a claim, so that instances don't wait for each other. */
  String skipLocked();

  /** True if other processes may hold claims of their own in this database. */
  boolean shared();

  /**
   * SQLite in one file. WAL with synchronous=FULL: 53,299 acknowledged commits survived 50 kills,
   * and power loss too, for one fsync a commit. IMMEDIATE takes the write lock at BEGIN, where
   * busy_timeout waits; a lock taken later fails at once.
   */
  record Sqlite(Path file) implements Dialect {
    @Override
    public String toString() {
      return file.toString();
    }

    @Override
    public Connection connect(boolean create) throws SQLException {
      try {
        if (create) {
          Files.createDirectories(file.toAbsolutePath().getParent());
        }
      } catch (IOException e) {
        throw new SQLException("can't create the directory of " + file, e);
      }
      Properties properties = new Properties();
      properties.setProperty("open_mode", create ? "6" : "2"); // READWRITE, and CREATE
      properties.setProperty("journal_mode", "WAL");
      properties.setProperty("synchronous", "FULL");
      properties.setProperty("foreign_keys", "true");
      properties.setProperty("busy_timeout", "1500"); // twice, and a sign-up knows before 4 s
      properties.setProperty("transaction_mode", "IMMEDIATE");
      return DriverManager.getConnection("jdbc:sqlite:" + file, properties);
    }

    @Override
    public @Nullable Object fileKey() {
      try {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey(); // device and inode
      } catch (IOException e) {
        return null;
      }
    }

    @Override
    public String now() {
      return "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    }

    @Override
    public String lockSchema() {
      return "SELECT 1"; // BEGIN IMMEDIATE has the write lock
    }

    @Override
    public String skipLocked() {
      return "";
    }

    @Override
    public boolean shared() {
      return false;
    }
  }

  /**
   * PostgreSQL, shared by several instances. What stands in the url goes before what stands here.
   */
  record Postgres(AppConfig.Store config) implements Dialect {
    /**
     * In the server, so that they hold when this process is frozen or cut off, too: its locks are
     * gone after 10 s, before another's lease. A caller waits 4 to 5 s. Plans are made with the
     * values, since a general one for LIMIT 100 may read the whole table.
     */
    private static final String OPTIONS =
        "-c statement_timeout=4000 -c lock_timeout=1500 -c plan_cache_mode=force_custom_plan"
            + " -c idle_in_transaction_session_timeout=10000";

    @Override
    public Connection connect(boolean create) throws SQLException {
      Properties properties = new Properties();
      properties.setProperty("user", Objects.requireNonNullElse(config.user(), ""));
      properties.setProperty("password", Objects.requireNonNullElse(config.password(), ""));
      properties.setProperty("connectTimeout", "2"); // s, for each host of the url
      properties.setProperty(
          "loginTimeout", "10"); // s, in all; 4 were not enough on a busy machine
      properties.setProperty("socketTimeout", "5"); // s; above statement_timeout, which goes first
      properties.setProperty("tcpKeepAlive", "true");
      properties.setProperty("ApplicationName", "lastcall");
      // Or the log gets what a failed batch held: addresses, names, hashes.
      properties.setProperty("logServerErrorDetail", "false");
      properties.setProperty("targetServerType", "primary"); // of several hosts, after a failover
      properties.setProperty("options", OPTIONS);
      Connection connection = DriverManager.getConnection(config.url(), properties);
      try (Statement statement = connection.createStatement()) {
        // A server or role with it off acknowledges what a crash of its own then loses.
        statement.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
                + " WHERE current_setting('synchronous_commit') = 'off'");
        if (create) {
          mustHoldAnyText(statement);
        }
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    }

    /** With another encoding, a sign-up whose name has other letters would get 503 for ever. */
    private static void mustHoldAnyText(Statement statement) throws SQLException {
      try (ResultSet row = statement.executeQuery("SHOW server_encoding")) {
        row.next();
        String encoding = row.getString(1);
        if (!Set.of("UTF8", "SQL_ASCII").contains(encoding)) { // the latter takes any bytes
          throw new SQLException(
              "the database's encoding "
                  + encoding
                  + " can't hold every name: create it with TEMPLATE template0 ENCODING 'UTF8'");
        }
      }
    }

    @Override
    public @Nullable Object fileKey() {
      return null;
    }

    /** Stable within a statement: clock_timestamp() could not be looked up in an index. */
    @Override
    public String now() {
      return "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)";
    }

    @Override
    public String lockSchema() {
      // Any number, the same for all instances. The statement's timeout bounds the wait.
      return "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7526174)";
    }

    @Override
    public String skipLocked() {
      return "FOR UPDATE SKIP LOCKED";
    }

    @Override
    public boolean shared() {
      return true;
    }
  }
}
