package lastcall.drill;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * A primary and its standby, made for one row of the table from the machine's own PostgreSQL. A
 * shell reads from us until we end, and then stops both and deletes their directory: so nothing is
 * left of them, even if the drill is killed.
 */
final class PostgresPair implements AutoCloseable {
  /** Its arguments: the directory, and how to call pg_ctl. Ctrl-C reaches it, too. */
  private static final String GUARD =
      """
      trap '' INT TERM HUP
      directory=$1
      shift
      read -r end
      for server in old new; do "$@" -D "$directory/$server" -m immediate -w stop; done
      rm -rf "$directory"
      """;

  private static final String USER = "lastcall";
  private static final String OWNER = "postgres"; // PostgreSQL refuses to be root
  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
  private static final Duration PATIENCE = Duration.ofSeconds(90); // on a busy machine
  private static final Duration LOOK = Duration.ofMillis(50);

  /** So long an asynchronous standby gets nothing from its primary, before that is gone. */
  private static final Duration LAG = Duration.ofSeconds(1);

  private final DatabaseTrouble.OnPair trouble;
  private final Path directory;
  private final String password = UUID.randomUUID().toString();
  private final int oldPort;
  private final int newPort;
  private final Process guard;
  private final ReentrantLock command = new ReentrantLock(); // held while one runs
  private boolean closed; // guarded by command

  /** Makes the directory and the guard; {@link #start} makes the servers. */
  PostgresPair(DatabaseTrouble.OnPair trouble) throws IOException {
    this.trouble = trouble;
    try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      oldPort = one.getLocalPort();
      newPort = two.getLocalPort();
    }
    directory = Files.createTempDirectory("lastcall-postgres-");
    List<String> shell = new ArrayList<>(List.of("sh", "-c", GUARD, "guard", "" + directory));
    shell.addAll(as("pg_ctl"));
    guard =
        new ProcessBuilder(shell)
            .directory(Path.of("/").toFile())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
  }

  /** The directory of the newest PostgreSQL that is installed as Debian does; null if none is. */
  static @Nullable Path installed() {
    if (!Files.isDirectory(INSTALLED)) {
      return null;
    }
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .filter(version -> version.getFileName().toString().matches("\\d+"))
          .sorted(Comparator.comparingInt(v -> -Integer.parseInt("" + v.getFileName())))
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** Returns when the standby follows the primary. */
  void start() throws IOException, InterruptedException, SQLException {
    Path secret = directory.resolve("password");
    Files.writeString(secret, password, StandardCharsets.US_ASCII);
    if (root()) {
      var owner =
          directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(OWNER);
      Files.setOwner(secret, owner);
      Files.setOwner(directory, owner);
    }
    run(
        "initdb -U " + USER + " -A scram-sha-256 -E UTF8 --locale=C --no-sync -D",
        data("old"),
        "--pwfile=" + secret);
    start("old", oldPort);
    String from = "-h 127.0.0.1 -p " + oldPort + " -U " + USER;
    run("pg_basebackup -X stream -c fast --no-sync -R " + from + " -D", data("new"));
    start("new", newPort);
    if (trouble.synchronous()) {
      // Not before the backup: the standby has the files of its primary, and once promoted it
      // would wait for a standby of its own at each commit.
      alter(oldPort, "synchronous_standby_names = '*'");
    }
    String wanted = trouble.synchronous() ? "sync" : "async";
    Deadline end = Deadline.in(PATIENCE);
    while (!server(oldPort).select("SELECT sync_state FROM pg_stat_replication").contains(wanted)) {
      if (end.passed()) {
        throw new IOException("the standby does not follow its primary: " + said());
      }
      Thread.sleep(LOOK);
    }
  }

  private void start(String server, int port) throws IOException, InterruptedException {
    String settings = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -p " + port;
    run("pg_ctl -w -t 60 start -D", data(server), "-l", data(server) + ".log", "-o", settings);
  }

  /**
   * As the service gets it, and as we look at its rows: whichever of the two is the primary. It
   * holds no time limits: the service's own are part of what is tried.
   */
  Rows rows() {
    String hosts = "127.0.0.1:" + oldPort + ",127.0.0.1:" + newPort;
    String url = "jdbc:postgresql://" + hosts + "/postgres?targetServerType=primary";
    return new Rows(url, USER, password);
  }

  /** Returns when the standby is the primary. */
  void failOver() throws IOException, InterruptedException, SQLException {
    if (!trouble.synchronous()) {
      alter(newPort, "primary_conninfo = ''"); // as a network that is slow for a moment
      Thread.sleep(LAG);
    }
    if (trouble.readOnly()) {
      alter(oldPort, "default_transaction_read_only = on"); // in the connections that are open, too
    } else {
      run("pg_ctl -w -m immediate stop -D", data("old"));
    }
    run("pg_ctl -w -t 60 promote -D", data("new"));
  }

  private void alter(int port, String setting) throws SQLException {
    server(port).update("ALTER SYSTEM SET " + setting);
    server(port).select("SELECT pg_reload_conf()");
  }

  private Rows server(int port) {
    return new Rows("jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, password);
  }

  private String data(String server) {
    return directory.resolve(server).toString();
  }

  private static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** The program of the PostgreSQL that was found, as a user that it accepts. */
  private List<String> as(String program) {
    List<String> words =
        new ArrayList<>(root() ? List.of("runuser", "-u", OWNER, "--") : List.of());
    words.add(trouble.bin().resolve(program).toString());
    return words;
  }

  /**
   * Runs a program to its end.
   *
   * @param words its name and arguments without blanks in them
   * @param more arguments
   */
  private void run(String words, String... more) throws IOException, InterruptedException {
    command.lock();
    try {
      if (closed) {
        throw new CancellationException();
      }
      List<String> all = new ArrayList<>(List.of(words.split(" ")));
      List<String> line = as(all.removeFirst());
      line.addAll(all);
      line.addAll(List.of(more));
      ProcessBuilder builder = new ProcessBuilder(line).directory(Path.of("/").toFile());
      builder.environment().put("PGPASSWORD", password); // which all could read in a command line
      Redirect log =
          Redirect.appendTo(commands().toFile()); // a server inherits it, and outlives us
      Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroy();
        throw new IOException(String.join(" ", line) + " failed: " + said());
      }
    } finally {
      command.unlock();
    }
  }

  private Path commands() {
    return directory.resolve("commands.log");
  }

  /** The last words of the last program. */
  private String said() throws IOException {
    List<String> lines = Files.readAllLines(commands());
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  /** Stops both and deletes the directory; no program begins any more. */
  @Override
  public void close() {
    command.lock(); // what runs ends first, or it might start a server behind the guard
    try {
      closed = true;
      guard.outputWriter().close();
      if (!guard.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("lastcall drill: PostgreSQL in " + directory + " does not end");
      }
    } catch (IOException e) {
      System.err.println("lastcall drill: PostgreSQL in " + directory + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      command.unlock();
    }
  }
}
