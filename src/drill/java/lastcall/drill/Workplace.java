package lastcall.drill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A temporary directory and the processes that work in it. Both are gone after {@link #close},
 * which comes at the end or, when the drill is told to stop, from a shutdown hook at any moment.
 */
final class Workplace implements AutoCloseable {
  private final Path root = Files.createTempDirectory("lastcall-drill-");
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<ServiceProcess> processes = new HashSet<>(); // guarded by lock
  private final Map<String, Postgres> schemas = new HashMap<>(); // guarded by lock
  private final List<PostgresPair> pairs = new ArrayList<>(); // guarded by lock
  private int directories; // guarded by lock
  private volatile boolean closed; // written under lock

  Workplace() throws IOException {
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupted, "workplace"));
  }

  /** Ctrl-C, or another signal; or the usual end, when all is closed already. */
  private void interrupted() {
    if (!closed) {
      close();
      System.err.println("lastcall: interrupted; the service was killed, " + root + " deleted");
    }
  }

  Path root() {
    return root;
  }

  /** Throws once it is closed: what happened meanwhile was the close's doing. */
  void check() {
    if (closed) {
      throw new CancellationException();
    }
  }

  Path newDirectory() throws IOException {
    lock.lock();
    try {
      check();
      return Files.createDirectory(root.resolve("row-" + ++directories));
    } finally {
      lock.unlock();
    }
  }

  /** An empty one: a file in the directory, or a schema of its own. */
  Rows newDatabase(Path directory, @Nullable Postgres server) throws SQLException {
    if (server == null) {
      return new Rows(directory.resolve("lastcall.db"));
    }
    lock.lock();
    try {
      check();
      String schema = server.createSchema();
      schemas.put(schema, server);
      return server.rows(schema);
    } finally {
      lock.unlock();
    }
  }

  /** It has yet to be started: that takes seconds, in which the drill may be told to stop. */
  PostgresPair newPair(DatabaseTrouble.OnPair trouble) throws IOException {
    lock.lock();
    try {
      check();
      PostgresPair pair = new PostgresPair(trouble);
      pairs.add(pair);
      return pair;
    } finally {
      lock.unlock();
    }
  }

  ServiceProcess launch(List<String> program, Path directory, List<String> settings)
      throws IOException {
    lock.lock(); // a process is known or not yet started
    try {
      check();
      ServiceProcess process = ServiceProcess.launch(List.of(), program, directory, settings);
      processes.add(process);
      return process;
    } finally {
      lock.unlock();
    }
  }

  /** Kills what is still alive, and deletes the databases and the directory with all in it. */
  void clear(Path directory) {
    lock.lock();
    try {
      processes.forEach(ServiceProcess::close);
      processes.clear();
      schemas.forEach((schema, server) -> server.drop(schema));
      schemas.clear();
      pairs.forEach(PostgresPair::close);
      pairs.clear();
      delete(directory);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    clear(root);
  }

  static void delete(Path tree) {
    // A reader of the database in this process may bring a file back meanwhile.
    for (int tries = 0; Files.exists(tree) && tries < 50; tries++) {
      try (Stream<Path> paths = Files.walk(tree)) {
        for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
          Files.deleteIfExists(path);
        }
      } catch (IOException | UncheckedIOException e) {
        LockSupport.parkNanos(20_000_000);
      }
    }
    if (Files.exists(tree)) {
      System.err.println("lastcall drill: could not delete " + tree);
    }
  }
}
