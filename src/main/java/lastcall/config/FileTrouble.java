package lastcall.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Why a file could not be used, in words: the message of Java's own exceptions is a mere path. */
public final class FileTrouble {
  private FileTrouble() {}

  /** Such as "permission denied"; the path is not in it. */
  public static String words(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied";
      case NoSuchFileException missing -> "no such file or directory";
      // Thrown where a directory is to be made and a file of its name is in the way.
      case FileAlreadyExistsException file -> "not a directory";
      case NotDirectoryException file -> "not a directory";
      case FileSystemException other when other.getReason() != null -> small(other.getReason());
      default -> small(String.valueOf(e.getMessage()));
    };
  }

  /** As the system says it: "Read-only file system", "No space left on device". */
  private static String small(String message) {
    return message.isEmpty()
        ? ""
        : message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }
}
