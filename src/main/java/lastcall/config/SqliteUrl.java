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
    Path named = named(url);
    if (named == null) {
      if (values.fine(KEY)) {
        values.wrong(
            KEY,
            expressible(url)
                ? "must be jdbc:sqlite:FILE, or " + PostgresUrl.PREFIX + "//host:port/database"
                : "the locale of this process has no characters for this path or for the current"
                    + " directory: set LC_ALL=C.UTF-8 in its environment");
      }
      return AppConfig.Store.sqlite(Path.of("lastcall.db"));
    }
    for (String key : List.of("database.user", "database.password", "database.password-file")) {
      if (values.optional(key) != null && values.fine(KEY)) {
        values.wrong(
            key, "is for PostgreSQL only, and database.url is a file of SQLite: leave it out");
      }
    }
    Path file = named;
    try {
      file = real(named);
      if (Files.isDirectory(file)) {
        values.wrong(KEY, "this is a directory: name a file in it, such as lastcall.db");
      }
      int links = hardLinks(file);
      if (links > 1) {
        values.wrong(
            KEY,
            ("the file has " + links + " hard links, and a process that opens it by another one")
                + " would not see our lock beside it: remove all but one");
      }
    } catch (IOException e) {
      values.wrong(
          KEY,
          "its symbolic links must lead to a file or directory that exists: "
              + ("can't follow " + e.getMessage() + ": " + FileTrouble.words(e)));
    }
    Path target = file;
    boolean temporary =
        Stream.of(System.getProperty("java.io.tmpdir", "/tmp"), "/tmp", "/var/tmp", "/dev/shm")
            .map(dir -> Path.of(dir).toAbsolutePath())
            .anyMatch(dir -> target.startsWith(dir) || named.startsWith(dir));
    if (production && temporary) {
      values.wrong(KEY, "in production the directory must not be temporary");
    }
    return new AppConfig.Store(url, file, null, null);
  }

  private static @Nullable Path named(String url) {
    String name = url.startsWith(PREFIX) ? url.substring(PREFIX.length()) : "";
    boolean plain =
        !name.isBlank() && Stream.of("?", ":memory:", "file:").noneMatch(name::contains);
    return plain && expressible(url) ? Path.of(name).toAbsolutePath() : null;
  }

  /**
   * False where the bytes of a path are lost between the system and Java. Java puts U+FFFD for what
   * it can't read, and "?" for what it can't write: a database would be made in a wrong directory.
   */
  private static boolean expressible(String url) {
    try {
      boolean relative =
          url.startsWith(PREFIX) && !Path.of(url.substring(PREFIX.length())).isAbsolute();
      String all = url + (relative ? System.getProperty("user.dir") : "");
      return all.indexOf('\uFFFD') < 0;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * The path without symbolic links. The lock stands beside the file: two processes that open one
   * file by two paths would otherwise lock two files, and both would run. A part of the path that
   * does not exist yet is taken as it is.
   */
  private static Path real(Path named) throws IOException {
    Path parent = named.getParent();
    return parent == null || Files.exists(named, LinkOption.NOFOLLOW_LINKS)
        ? named.toRealPath()
        : real(parent).resolve(parent.relativize(named)).normalize();
  }

  private static int hardLinks(Path file) throws IOException {
    boolean known = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    return known && Files.isRegularFile(file) ? (int) Files.getAttribute(file, "unix:nlink") : 1;
  }
}
