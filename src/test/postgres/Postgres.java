import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

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
    EmbeddedPostgres server = start(root.toFile(), data, 0);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println("port " + server.getPort());
    while (in.readLine() != null) {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
      new ProcessBuilder("kill", "-QUIT", "" + pid).inheritIO().start().waitFor();
      postmaster.onExit().get(20, TimeUnit.SECONDS);
      start(root.toFile(), data, server.getPort());
      System.out.println("port " + server.getPort());
    }
    server.close(); // by pg_ctl and the data directory, so whichever runs; removes the data
  }

  private static EmbeddedPostgres start(File root, Path data, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(root)
        .setDataDirectory(data)
        .setCleanDataDirectory(port == 0)
        .setPort(port)
        .setServerConfig("max_connections", "" + CONNECTIONS)
        .start();
  }
}
