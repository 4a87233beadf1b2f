package lastcall.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@code database.url} that names a file. */
final class SqliteUrl {
  private static final String KEY = "database.url";
  private static final String PREFIX = "jdbc:sqlite:";

  private SqliteUrl() {}

  static AppConfig.Store read(ConfigValues values, String url, boolean production) {
    for (String key : List.of("database.user", "database.password")) {
      if (values.optional(key) != null) {
        values.wrong(key, "only with jdbc:postgresql:");
      }
    }
    Path named = named(url);
    if (named == null) {
      values.wrong(KEY, "must be jdbc:sqlite: and the path of a file, or jdbc:postgresql:");
      return AppConfig.Store.sqlite(Path.of("lastcall.db"));
    }
    Path file = named;
    try {
      file = real(named);
      int links = hardLinks(file);
      if (links > 1) {
        values.wrong(
            KEY,
            "the file has "
                + links
                + " hard links, and a lock beside one is not seen by a process that opens another:"
                + " remove all but one");
      }
    } catch (IOException e) {
      values.wrong(KEY, "its symbolic links must lead to a file or directory that exists: " + e);
    }
    Path target = file;
    boolean temporary =
        Stream.of(System.getProperty("java.io.tmpdir", "/tmp"), "/tmp", "/var/tmp", "/dev/shm")
            .map(dir -> Path.of(dir).toAbsolutePath())
            .anyMatch(dir -> target.startsWith(dir) || named.startsWith(dir));
    if (production && temporary) {
      values.wrong(KEY, "production wants a directory that is not temporary");
    }
    return new AppConfig.Store(url, file, null, null);
  }

  private static @Nullable Path named(String url) {
    String name = url.startsWith(PREFIX) ? url.substring(PREFIX.length()) : "";
    boolean plain =
        !name.isBlank() && Stream.of("?", ":memory:", "file:").noneMatch(name::contains);
    try {
      return plain ? Path.of(name).toAbsolutePath() : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /**
   * Without symbolic links: the lock stands beside the file, and two processes that reach one file
   * by two paths would each take a lock of its own. What does not exist yet can be no link.
   */
  private static Path real(Path named) throws IOException {
    Path parent = named.getParent();
    return parent == null || Files.exists(named, LinkOption.NOFOLLOW_LINKS)
        ? named.toRealPath()
        : real(parent).resolve(parent.relativize(named)).normalize();
  }

  private static int hardLinks(Path file) throws IOException {
    boolean known = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    return known && Files.exists(file) ? (int) Files.getAttribute(file, "unix:nlink") : 1;
  }
}
