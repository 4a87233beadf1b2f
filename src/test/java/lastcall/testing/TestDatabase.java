package lastcall.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.DueMail;
import lastcall.store.FirstClaims;
import lastcall.store.NewUser;
import lastcall.store.SignupStore;
import org.jspecify.annotations.Nullable;

/** A second connection to the database under test: looks at rows, and makes trouble. */
public final class TestDatabase implements AutoCloseable {
  private final Connection connection;
  private final boolean sqlite;

  public TestDatabase(AppConfig.Store database) throws SQLException {
    sqlite = database.file() != null;
    connection =
        sqlite
            ? DriverManager.getConnection(database.url() + "?busy_timeout=5000")
            : DriverManager.getConnection(database.url(), database.user(), database.password());
  }

  /** An SQL expression: milliseconds since 1970. */
  public String now() {
    return sqlite
        ? "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
        : "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
  }

  /** Leaves each e-mail due. */
  public static SignupStore signups(Database database) {
    return database.signups("", Duration.ZERO, new NoClaims(false), false);
  }

  /**
   * Hears of nothing.
   *
   * @param all stores each e-mail as claimed, or leaves each due
   */
  public record NoClaims(boolean all) implements FirstClaims {
    @Override
    public boolean claim(String id, long asked) {
      return all;
    }

    @Override
    public void ended(DueMail mail, boolean stored) {}
  }

  public static NewUser user(String name) {
    return user(name, null);
  }

  public static NewUser user(String name, @Nullable String key) {
    String address = name + "@example.org";
    return new NewUser("id-" + name, name, address, address, "hash", key, "mail-" + name, null);
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
          Object value = row.getObject(i);
          line.append(i == 1 ? "" : " ").append(value instanceof Boolean b ? b ? 1 : 0 : value);
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
    execute(sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    if (!sqlite) {
      execute("LOCK TABLE users, outbox, schema_version IN EXCLUSIVE MODE");
    }
  }

  public void unlock() throws SQLException {
    execute("ROLLBACK");
  }

  /** As a full disk: reads and commits of nothing work, every write fails. */
  public void fill() throws SQLException {
    for (String write : WRITES) {
      refuse(write);
    }
  }

  public void empty() throws SQLException {
    for (String write : WRITES) {
      allow(write);
    }
  }

  /** Such a write fails from now on: {@code UPDATE ON outbox}. */
  public void refuse(String write) throws SQLException {
    trigger("BEFORE " + write, "SELECT RAISE(ABORT, 'no')", "RAISE EXCEPTION 'no'");
  }

  /** As a text that the database's encoding can't hold. */
  public void refuseTexts() throws SQLException {
    trigger(
        "BEFORE UPDATE ON outbox",
        "SELECT RAISE(ABORT, 'no') WHERE NEW.last_error IS NOT NULL",
        "IF NEW.last_error IS NOT NULL THEN RAISE EXCEPTION 'no'; END IF");
  }

  public void allow(String write) throws SQLException {
    execute("DROP TRIGGER on_" + write.replace(' ', '_') + table(write));
  }

  private void trigger(String when, String inSqlite, String inPostgres) throws SQLException {
    String name = when.replaceFirst("\\w+ ", "on_").replace(' ', '_');
    if (sqlite) {
      execute("CREATE TRIGGER %s %s BEGIN %s; END".formatted(name, when, inSqlite));
      return;
    }
    execute(
        "CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN NEW; END $$"
            .formatted(name, inPostgres));
    execute("CREATE TRIGGER %1$s %2$s FOR EACH ROW EXECUTE FUNCTION %1$s()".formatted(name, when));
  }

  private String table(String write) {
    return sqlite ? "" : " " + write.replaceFirst(".* ", "ON ");
  }

  private static final List<String> WRITES =
      List.of("INSERT ON users", "UPDATE ON outbox", "UPDATE ON schema_version");

  /** Every COMMIT that records a result fails, though each statement works. */
  public void breakCommits() throws SQLException {
    execute("CREATE TABLE IF NOT EXISTS parent (id INTEGER PRIMARY KEY)");
    execute(
        "CREATE TABLE IF NOT EXISTS wrong (id INTEGER REFERENCES parent DEFERRABLE INITIALLY"
            + " DEFERRED)");
    String insert = "INSERT INTO wrong VALUES (1)";
    trigger("AFTER UPDATE OF last_error ON outbox", insert, insert);
  }

  public void mendCommits() throws SQLException {
    allow("UPDATE OF last_error ON outbox");
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
