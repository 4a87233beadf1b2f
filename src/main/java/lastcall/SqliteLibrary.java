package lastcall;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import lastcall.config.PrivateFiles;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native library, which its driver unpacks from the jar at each start. The driver would
 * unpack it into the temporary directory. A killed process leaves it there for good, and where that
 * directory is mounted noexec it can't be run.
 */
final class SqliteLibrary {
  private static final String PLACE = "org.sqlite.tmpdir"; // the driver's own property

  /** Kept here, since its level goes with it. What it says with two traces, StartFailure says. */
  private static final Logger DRIVER = Logger.getLogger(SQLiteJDBCLoader.class.getName());

  private SqliteLibrary() {}

  private static Path place(Path directory) {
    return directory.resolve("lastcall.lib");
  }

  /**
   * Unpacks and loads it beside the database, unless the user has named a place. The caller holds
   * the directory's lock: what lies there already is of a process that is no more.
   */
  static void load(Path directory) throws IOException {
    if (System.getProperty(PLACE) != null) {
      return;
    }
    Path place = PrivateFiles.directory(place(directory));
    clear(place);
    System.setProperty(PLACE, place.toString());
    DRIVER.setLevel(Level.OFF);
    try {
      SQLiteJDBCLoader.initialize();
    } catch (Exception e) { // noexec or full; then the driver tries the temporary directory
      System.clearProperty(PLACE);
      clear(place);
    }
  }

  /** For a command beside the service: another process's files are left alone. */
  static void loadBeside(Path directory) {
    if (System.getProperty(PLACE) == null && Files.isWritable(place(directory))) {
      System.setProperty(PLACE, place(directory).toString());
    }
  }

  private static void clear(Path place) throws IOException {
    List<Path> left;
    try (Stream<Path> files = Files.list(place)) {
      left = files.filter(file -> file.getFileName().toString().startsWith("sqlite-")).toList();
    }
    for (Path file : left) {
      Files.delete(file);
    }
  }

  /** Where it was tried to load it from, for a message. */
  static String places(Path directory) {
    String temporary = System.getProperty("java.io.tmpdir");
    String named = System.getProperty(PLACE);
    return named == null
        ? place(directory) + ", nor from the temporary directory " + temporary
        : named;
  }
}
