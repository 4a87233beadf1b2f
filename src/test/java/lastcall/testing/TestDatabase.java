package lastcall.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import lastcall.store.NewUser;
import org.jspecify.annotations.Nullable;

/** A second connection to the database under test: looks at rows, and makes trouble. */
public final class TestDatabase implements AutoCloseable {
  private final Connection connection;

  public TestDatabase(Path file) throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=5000");
  }

  public static NewUser user(String name) {
    return user(name, null);
  }

  public static NewUser user(String name, @Nullable String key) {
    String address = name + "@example.org";
    return new NewUser("id-" + name, name, address, address, "hash", key, "mail-" + name);
  }

  /** Waits for a condition; fails and says what is stuck after 20 s. */
  public static void await(String what, BooleanSupplier condition) {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > 20_000_000_000L) {
        throw new AssertionError("stuck: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Each row as its columns with blanks between them. */
  public List<String> rows(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (row.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          line.append(i == 1 ? "" : " ").append(row.getString(i));
        }
        rows.add(line.toString());
      }
      return rows;
    }
  }

  public String row(String sql) throws SQLException {
    return String.join("\n", rows(sql));
  }

  /** State, owner and attempts of an e-mail. */
  public String mail(String name) throws SQLException {
    return row("SELECT state, owner, attempts FROM outbox WHERE id = 'mail-" + name + "'");
  }

  /** Nobody else can write until {@link #unlock}. */
  public void lock() throws SQLException {
    execute("BEGIN IMMEDIATE");
  }

  public void unlock() throws SQLException {
    execute("ROLLBACK");
  }

  /** As a full disk: reads and commits of nothing work, every write fails. */
  public void fill() throws SQLException {
    for (String write : WRITES) {
      execute(
          "CREATE TRIGGER full_" + write.replace(' ', '_') + " BEFORE " + write
              + " BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    }
  }

  public void empty() throws SQLException {
    for (String write : WRITES) {
      execute("DROP TRIGGER full_" + write.replace(' ', '_'));
    }
  }

  private static final List<String> WRITES =
      List.of("INSERT ON users", "UPDATE ON outbox", "UPDATE ON schema_version");

  /** Every COMMIT that records a result fails, though each statement works. */
  public void breakCommits() throws SQLException {
    execute("CREATE TABLE IF NOT EXISTS parent (id INTEGER PRIMARY KEY)");
    execute(
        "CREATE TABLE IF NOT EXISTS wrong (id INTEGER REFERENCES parent DEFERRABLE INITIALLY"
            + " DEFERRED)");
    execute(
        "CREATE TRIGGER no_commit AFTER UPDATE OF last_error ON outbox BEGIN INSERT INTO wrong"
            + " VALUES (1); END");
  }

  public void mendCommits() throws SQLException {
    execute("DROP TRIGGER no_commit");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
