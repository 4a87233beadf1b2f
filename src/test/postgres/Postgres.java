import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * A PostgreSQL for the tests, in a process of its own: run from source, with target/test-lib as its
 * class path, so that nothing of it is on the tests'. Prints {@code port N}, and again after each
 * line it reads, at which the server breaks off as after a crash and starts again. It ends with its
 * input, whatever ends the tests.
 */
public final class Postgres {
  private static final int CONNECTIONS = 40;

  private Postgres() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]).toAbsolutePath();
    Path data = root.resolve("data-" + ProcessHandle.current().pid());
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(root.toFile())
            .setDataDirectory(data)
            .setServerConfig("synchronous_commit", "on") // off would lose commits at a restart
            .setServerConfig("max_connections", "" + CONNECTIONS)
            .start();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println("port " + server.getPort());
    while (in.readLine() != null) {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
      List<String> command = new ArrayList<>(); // PostgreSQL refuses to be root
      if (System.getProperty("user.name").equals("root")) {
        command.addAll(List.of("unshare", "-U"));
      }
      command.add(postmaster.info().command().orElseThrow());
      command.addAll(List.of(postmaster.info().arguments().orElseThrow()));
      new ProcessBuilder("kill", "-QUIT", "" + pid).inheritIO().start().waitFor();
      postmaster.onExit().get(20, TimeUnit.SECONDS);
      new ProcessBuilder(command).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
      await(server.getPostgresDatabase());
      System.out.println("port " + server.getPort());
    }
    server.close(); // by pg_ctl and the data directory, so whichever runs; removes the data
  }

  private static void await(DataSource server) throws SQLException {
    long began = System.nanoTime();
    while (true) {
      try (Connection connection = server.getConnection()) {
        return;
      } catch (SQLException e) {
        if (System.nanoTime() - began > 20_000_000_000L) {
          throw e;
        }
        LockSupport.parkNanos(10_000_000);
      }
    }
  }
}
