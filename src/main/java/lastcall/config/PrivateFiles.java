package lastcall.config;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import lastcall.log.EventLog;

/**
 * Makes directories and files that only the user of this process can open, whatever its umask is.
 * They hold addresses and password hashes, and the usual umask lets everybody read.
 */
public final class PrivateFiles {
  private static final EventLog LOG = EventLog.of(PrivateFiles.class);

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  private PrivateFiles() {}

  /**
   * Makes the directory and those above it. One that exists is left as it is: others may use it.
   */
  public static Path directory(Path directory) throws IOException {
    return Files.isDirectory(directory)
        ? directory
        : Files.createDirectories(directory, mode(directory, "rwx------"));
  }

  /** Makes an empty file, or leaves the one that exists as it is. */
  public static Path file(Path file) throws IOException {
    try {
      return Files.exists(file) ? file : Files.createFile(file, mode(file, "rw-------"));
    } catch (FileAlreadyExistsException e) { // made by somebody else meanwhile
      return file;
    }
  }

  /**
   * Takes the rights of all others from a file or directory of ours that an older version has made.
   * It goes on where that is not possible: the file may be another user's, or its disk may know no
   * rights.
   */
  public static void closeToOthers(Path file) {
    try {
      if (posix(file) && Files.exists(file)) {
        Set<PosixFilePermission> now = Files.getPosixFilePermissions(file);
        Set<PosixFilePermission> kept = EnumSet.copyOf(OWNER);
        kept.retainAll(now);
        if (!kept.equals(now)) {
          Files.setPosixFilePermissions(file, kept);
        }
      }
    } catch (IOException e) {
      LOG.warn(
          "other users of this machine can read a file, and its rights can't be changed file=%s why=%s",
          file, FileTrouble.words(e));
    }
  }

  private static FileAttribute<?>[] mode(Path file, String rights) {
    return posix(file)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))
        }
        : new FileAttribute<?>[0];
  }

  /** Not on Windows. */
  private static boolean posix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
