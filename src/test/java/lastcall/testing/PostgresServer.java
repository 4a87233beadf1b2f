package lastcall.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL of the test run: started by the first test that wants it, gone with the last. Or
 * one that is named by LASTCALL_TEST_POSTGRES, LASTCALL_TEST_POSTGRES_USER and _PASSWORD, and
 * restarted by the command LASTCALL_TEST_POSTGRES_RESTART.
 */
public final class PostgresServer {
  private static @Nullable PostgresServer shared;

  private final AppConfig.Store maintenance;
  private final @Nullable Process process;
  private final @Nullable BufferedReader output;

  private PostgresServer(
      AppConfig.Store maintenance, @Nullable Process process, @Nullable BufferedReader output) {
    this.maintenance = maintenance;
    this.process = process;
    this.output = output;
  }

  /** Skips the test where there is none for this machine. */
  public static synchronized PostgresServer shared() throws IOException {
    String url = System.getenv("LASTCALL_TEST_POSTGRES");
    if (shared == null && url != null) {
      shared =
          new PostgresServer(
              new AppConfig.Store(
                  url,
                  null,
                  System.getenv("LASTCALL_TEST_POSTGRES_USER"),
                  System.getenv("LASTCALL_TEST_POSTGRES_PASSWORD")),
              null,
              null);
    } else if (shared == null) {
      assumeTrue(Files.isDirectory(Path.of("target/test-lib")), "no PostgreSQL for this machine");
      shared = embedded();
    }
    return shared;
  }

  private static PostgresServer embedded() throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                "target/test-lib/*:" + System.getProperty("java.class.path"),
                "src/test/postgres/Postgres.java",
                "target/postgres")
            .redirectError(Path.of("target/postgres.log").toFile())
            .start();
    BufferedReader output = process.inputReader();
    String url = "jdbc:postgresql://127.0.0.1:" + port(output) + "/postgres";
    return new PostgresServer(
        new AppConfig.Store(url, null, "postgres", "unused"), process, output);
  }

  private static int port(BufferedReader output) throws IOException {
    FutureTask<@Nullable String> said = new FutureTask<>(output::readLine);
    Thread.ofVirtual().start(said);
    String line;
    try {
      line = said.get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IOException("PostgreSQL does not say its port, see target/postgres.log", e);
    }
    if (line == null) {
      throw new IOException("PostgreSQL did not start, see target/postgres.log");
    }
    return Integer.parseInt(line.replace("port ", ""));
  }

  /** A database of its own, empty. */
  public AppConfig.Store create() throws SQLException {
    return create("");
  }

  /**
   * @param options of CREATE DATABASE
   */
  public AppConfig.Store create(String options) throws SQLException {
    String name = "t" + UUID.randomUUID().toString().replace("-", "");
    execute("CREATE DATABASE " + name + " " + options);
    return with(maintenance.url().replaceFirst("/[^/?]+($|\\?)", "/" + name + "$1"));
  }

  /** Ends all connections to it, and the database. */
  public void drop(AppConfig.Store database) throws SQLException {
    execute("DROP DATABASE " + name(database) + " WITH (FORCE)");
  }

  /** Ends all connections to it. */
  public void terminate(AppConfig.Store database) throws SQLException {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
            .formatted(name(database)));
  }

  /** As {@code pg_ctl restart -m immediate}. */
  public void restart() throws IOException, InterruptedException {
    if (process == null || output == null) {
      String command = System.getenv("LASTCALL_TEST_POSTGRES_RESTART");
      assumeTrue(command != null, "LASTCALL_TEST_POSTGRES_RESTART is not set");
      Process restart = new ProcessBuilder("bash", "-c", command).inheritIO().start();
      assertTrue(restart.waitFor(60, TimeUnit.SECONDS), "stuck: " + command);
      assertEquals(0, restart.exitValue(), command);
      return;
    }
    process.outputWriter().write("restart\n");
    process.outputWriter().flush();
    port(output);
  }

  /**
   * As cloud databases leave an old primary at a failover: its connections stay open, and each
   * write fails with SQLState 25006. Returns when one of them has been told.
   */
  public void readOnly(boolean readOnly) throws SQLException {
    try (TestDatabase open = new TestDatabase(maintenance)) {
      String wanted = readOnly ? "on" : "off";
      open.execute("ALTER SYSTEM SET default_transaction_read_only = " + wanted);
      open.execute("SELECT pg_reload_conf()");
      TestDatabase.await("read-only " + wanted, () -> wanted.equals(setting(open)));
    }
  }

  private static String setting(TestDatabase open) {
    try {
      return open.row("SHOW transaction_read_only");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  public Connection connect(AppConfig.Store database) throws SQLException {
    return DriverManager.getConnection(database.url(), database.user(), database.password());
  }

  /** The server's own, for those who use up its connections. */
  public AppConfig.Store maintenance() {
    return maintenance;
  }

  private AppConfig.Store with(String url) {
    return new AppConfig.Store(url, null, maintenance.user(), maintenance.password());
  }

  private static String name(AppConfig.Store database) {
    return database.url().replaceFirst(".*/", "").replaceFirst("\\?.*", "");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect(maintenance);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
