package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateFilesTest {
  @TempDir Path directory;

  private static String rights(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static Path open(Path file, String rights) throws IOException {
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
  }

  @Test
  void whatIsMadeIsForTheOwnerOnly() throws Exception {
    Path made = PrivateFiles.directory(directory.resolve("a/b"));
    assertEquals("rwx------", rights(made));
    assertEquals("rwx------", rights(directory.resolve("a")));
    assertEquals("rw-------", rights(PrivateFiles.file(made.resolve("file"))));
  }

  @Test
  void whatExistsIsLeftAsItIs() throws Exception {
    open(directory, "rwxr-xr-x");
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
    assertEquals(link, PrivateFiles.directory(link));
    assertEquals("rwxr-xr-x", rights(directory));
    Path file = open(Files.writeString(directory.resolve("file"), "text"), "rw-r--r--");
    PrivateFiles.file(file);
    assertEquals("rw-r--r--", rights(file));
    assertEquals("text", Files.readString(file));
  }

  @Test
  void whatAnOlderVersionMadeIsClosedToOthers() throws Exception {
    Path file = open(Files.writeString(directory.resolve("file"), "text"), "r--rw-r--");
    PrivateFiles.closeToOthers(file);
    assertEquals("r--------", rights(file), "and the owner gets no right that it had not");
    PrivateFiles.closeToOthers(directory.resolve("missing"));
    assertTrue(Files.notExists(directory.resolve("missing")));
  }
}
