package lastcall;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Objects;
import lastcall.config.AppConfig;
import lastcall.config.FileTrouble;
import org.jspecify.annotations.Nullable;
import org.sqlite.NativeLibraryNotFoundException;

/**
 * Why the service does not start, in one line for the people who can mend it: the key or the file,
 * its value, what is wrong with it, and what would do.
 */
final class StartFailure {
  private StartFailure() {}

  static String why(AppConfig.Store database, Throwable thrown) {
    return switch (thrown) {
      case FileSystemException e -> {
        String why = FileTrouble.words(e);
        String key = database.file() == null ? "" : "database.url=" + database.url() + ": ";
        yield key + "can't write " + e.getFile() + ": " + why + "; " + remedy(database, why);
      }
      case SQLException e -> "database.url=" + database.url() + ": " + database(database, e);
      default -> Objects.requireNonNullElse(thrown.getMessage(), thrown.getClass().getName());
    };
  }

  private static String remedy(AppConfig.Store database, String why) {
    return switch (why) {
      case "no space left on device" -> "make room on its disk";
      case "too many open files" -> "raise the limit of open files (ulimit -n)";
      default ->
          database.file() == null
              ? "start the service in a directory that its user can write to"
              : "let the user of this process write there, or name a file in another directory";
    };
  }

  private static String database(AppConfig.Store database, SQLException e) {
    if (e.getCause() instanceof NativeLibraryNotFoundException) {
      return ("the library of SQLite can't be run from "
              + SqliteLibrary.places(database.directory()))
          + "; the directory must be writable and not mounted noexec: name another one by"
          + " -Dorg.sqlite.tmpdir=DIR in LASTCALL_JAVA_OPTS (script) or JDK_JAVA_OPTIONS (image)";
    }
    return database.file() == null ? postgres(e) : sqlite(database.file(), e);
  }

  /** By SQLite's result codes. */
  private static String sqlite(Path file, SQLException e) {
    return switch (e.getErrorCode()) {
      case 5, 6 -> file + " is locked by another program; end that one";
      case 8 ->
          ("can't write " + file + ": it is read-only for the user of this process")
              + "; allow that user to write the file and its directory";
      case 10 -> file + " can't be read or written; is its disk full or broken? " + e.getMessage();
      case 11 ->
          (file + " is damaged; restore a backup, or save what can still be read:")
              + (" sqlite3 " + file + " .recover");
      case 13 -> "can't write " + file + ": no space left on its disk; make room there";
      case 14 ->
          ("can't open " + file + ": permission denied")
              + "; allow the user of this process to read and write the file and its directory";
      case 26 -> file + " is no SQLite database; name another file, or move this one away";
      default -> file + ": " + e.getMessage();
    };
  }

  /** By SQL states: class 08 is about the connection, 28 about the login. */
  private static String postgres(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String plain = said.replaceFirst("^(FATAL|ERROR): ", "");
    return switch (state.substring(0, Math.min(2, state.length()))) {
      case "08" ->
          switch (e.getCause()) {
            case UnknownHostException cause ->
                "unknown host " + cause.getMessage() + "; name PostgreSQL's host";
            case SocketTimeoutException cause ->
                "no answer in time; is a firewall in between, and is PostgreSQL running there?";
            case IOException cause ->
                String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT)
                    + "; is PostgreSQL running there?";
            case null, default ->
                plain
                    + (plain.contains("targetServerType")
                        ? "; it is a standby, or default_transaction_read_only is on for the user"
                        : "; check database.url, database.user, database.password");
          };
      case "28" -> plain + "; check database.user, database.password and the server's pg_hba.conf";
      case "3D" -> plain + "; create it: createdb NAME";
      case "42" ->
          plain
              + "; the user needs SELECT, INSERT, UPDATE and DELETE on users, outbox, attempts,"
              + " pause, instances, rate, hidden_signups and schema_version; the first start, and an"
              + " upgrade, need CREATE on the schema, or are done by a user who has it";
      case "53" -> plain + "; end other connections, or raise max_connections";
      default -> plain;
    };
  }

  /**
   * Tries to listen there, since Helidon's own error is a trace without the key.
   *
   * @param server the root of its keys
   * @return null if that works
   */
  static @Nullable String listening(String server, String host, int port) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    String atHost = server + ".host=" + host + ": ";
    String atPort = server + ".port=" + port + ": ";
    if (address.isUnresolved()) {
      return atHost + "unknown host; name an address of this machine, or 0.0.0.0 for all of them";
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true); // as the server's own, or TIME_WAIT would count as taken
      probe.bind(address);
      return null;
    } catch (IOException e) {
      String why = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (why.contains("in use")) {
        return atPort
            + ("in use by another program on " + host)
            + "; stop that one, or choose another port, 0 for any that is free";
      }
      if (why.contains("permission")) {
        return atPort + "permission denied; ports below 1024 are for root, choose a higher one";
      }
      return atHost + why + "; name an address of this machine, or 0.0.0.0 for all of them";
    }
  }
}
