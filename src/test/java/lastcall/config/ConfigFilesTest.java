package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Files that a configuration names. */
final class ConfigFilesTest extends ConfigFixture {
  @Test
  void aFileThatCannotBeReadIsToldWithTheReason() throws Exception {
    Path none = directory.resolve("none.yaml");
    assertEquals(
        "--config " + none + ": can't read it: no such file or directory", errors(none).getFirst());
    String error = errors(directory).getFirst();
    assertTrue(error.contains("can't read it: is a directory"), error);
  }

  @Test
  void aDirectoryIsNoDatabase() throws Exception {
    properties.put("database.url", "jdbc:sqlite:" + directory);
    assertEquals(1, errors(null).size(), errors(null).toString());
    assertTrue(errors(null).getFirst().contains("is a directory"), errors(null).getFirst());
  }

  /** The lock stands beside the file: a link must not lead to a lock of its own. */
  @Test
  void theDatabaseIsTheFileBehindALink() throws Exception {
    Path real = Files.createDirectories(directory.toRealPath().resolve("real"));
    Path file = Files.createFile(real.resolve("lastcall.db"));
    Path toFile = Files.createSymbolicLink(directory.resolve("link.db"), file);
    Path toDirectory = Files.createSymbolicLink(directory.resolve("link"), real);
    assertEquals(file, database(toFile));
    assertEquals(file, database(toDirectory.resolve("lastcall.db")));
    assertEquals(real.resolve("new/x.db"), database(toDirectory.resolve("new/x.db")));
  }

  private Path database(Path named) throws Exception {
    properties.put("database.url", "jdbc:sqlite:" + named);
    return load().database().file();
  }

  @Test
  void aDatabaseWithTwoNamesIsRefused() throws Exception {
    Path file = Files.createFile(directory.resolve("lastcall.db"));
    Files.createLink(directory.resolve("other.db"), file);
    properties.put("database.url", "jdbc:sqlite:" + file);
    assertTrue(errors(null).toString().contains("2 hard links"), errors(null).toString());
    Path nowhere = directory.resolve("nowhere.db");
    Files.createSymbolicLink(nowhere, directory.resolve("none"));
    properties.put("database.url", "jdbc:sqlite:" + nowhere);
    assertTrue(errors(null).toString().contains("symbolic links"), errors(null).toString());
  }
}
