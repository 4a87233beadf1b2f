package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import lastcall.catcher.EmbeddedMail;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.NativeLibraryNotFoundException;

/** What a start that fails says: the key or the file, what is wrong, and what would do. */
final class StartFailureTest {
  private static final AppConfig.Store POSTGRES =
      new AppConfig.Store("jdbc:postgresql://db:5432/x", null, "bob", "s3cret");

  @TempDir Path directory;

  private Path file() {
    return directory.resolve("lastcall.db");
  }

  private String why(Throwable thrown) {
    return StartFailure.why(AppConfig.Store.sqlite(file()), thrown);
  }

  private String whyItDoesNotOpen() {
    AppConfig.Store store = AppConfig.Store.sqlite(file());
    return why(assertThrows(SQLException.class, () -> Database.open(store, StoreListener.NONE)));
  }

  @Test
  void filesAreNamedWithTheReasonInWords() throws Exception {
    String pid = directory.resolve("lastcall.pid").toString();
    assertEquals(
        ("database.url=jdbc:sqlite:" + file() + ": can't write " + pid + ": permission denied")
            + "; let the user of this process write there, or name a file in another directory",
        why(new AccessDeniedException(pid)));
    assertTrue(
        why(new FileSystemException("/x", null, "Read-only file system"))
            .contains("can't write /x: read-only file system;"));
    assertTrue(
        StartFailure.why(POSTGRES, new FileSystemException("/x", null, "No space left on device"))
            .startsWith("can't write /x: no space left on device; make room on its disk"));
    assertTrue(
        StartFailure.why(POSTGRES, new AccessDeniedException("/x"))
            .startsWith("can't write /x: permission denied; start the service in a"));
    assertTrue(
        why(new FileSystemException(pid, null, "Too many open files")).contains("ulimit -n"));
    Path text = Files.writeString(directory.resolve("text"), "");
    for (Path place : new Path[] {text, text.resolve("below")}) {
      IOException lock = assertThrows(IOException.class, () -> ProcessLock.acquire(place));
      assertTrue(why(lock).contains("can't write " + place + ": not a directory;"), why(lock));
      IOException mailbox =
          assertThrows(
              IOException.class, () -> new EmbeddedMail(place, 0, java.time.Duration.ZERO));
      assertTrue(why(mailbox).contains("can't write " + place + ": not a"), why(mailbox));
    }
  }

  @Test
  void aFileThatIsNoDatabaseIsNamed() throws Exception {
    Files.writeString(file(), "some text that is longer than the head of an SQLite file has to be");
    assertEquals(
        ("database.url=jdbc:sqlite:" + file() + ": " + file())
            + " is no SQLite database; name another file, or move this one away",
        whyItDoesNotOpen());
  }

  @Test
  void aDamagedDatabaseIsNamed() throws Exception {
    Database.open(AppConfig.Store.sqlite(file()), StoreListener.NONE)
        .close(java.time.Duration.ofSeconds(20));
    try (RandomAccessFile damaged = new RandomAccessFile(file().toFile(), "rw")) {
      damaged.seek(100); // the root of all tables, behind the file's head
      damaged.write(new byte[1000]);
    }
    String why = whyItDoesNotOpen();
    assertTrue(why.contains(file() + " is damaged; restore a backup"), why);
  }

  @Test
  void aDirectoryInPlaceOfTheDatabaseCannotBeOpened() throws Exception {
    Files.createDirectory(file());
    assertTrue(whyItDoesNotOpen().contains("can't open " + file()), whyItDoesNotOpen());
  }

  @ParameterizedTest
  @CsvSource({"8, read-only", "13, no space left", "10, full or broken", "5, another program"})
  void resultCodesOfSqliteAreWords(int code, String words) {
    String why = why(new SQLException("[SQLITE]", null, code));
    assertTrue(why.contains(file() + "") && why.contains(words), why);
  }

  @Test
  void aLibraryThatCannotBeRunNamesTheDirectoryAndTheProperty() {
    String why = why(new SQLException("no", new NativeLibraryNotFoundException("no")));
    assertTrue(why.contains(directory + "/lastcall.lib, nor "), why);
    assertTrue(why.contains(System.getProperty("java.io.tmpdir")), why);
    assertTrue(why.contains("noexec") && why.contains("-Dorg.sqlite.tmpdir=DIR"), why);
  }

  @Test
  void postgresqlIsToldWithItsAddressAndTheReason() {
    String at = "database.url=jdbc:postgresql://db:5432/x: ";
    assertEquals(
        at + "connection refused; is PostgreSQL running there?",
        StartFailure.why(
            POSTGRES, new SQLException("x", "08001", new ConnectException("Connection refused"))));
    assertEquals(
        at + "unknown host db; name PostgreSQL's host",
        StartFailure.why(POSTGRES, new SQLException("x", "08001", new UnknownHostException("db"))));
    String login =
        StartFailure.why(POSTGRES, new SQLException("FATAL: password wrong\nmore", "28P01"));
    assertTrue(login.startsWith(at + "password wrong; check database.user"), login);
    String none =
        StartFailure.why(POSTGRES, new SQLException("FATAL: \"x\" does not exist", "3D000"));
    assertTrue(none.startsWith(at + "\"x\" does not exist; create it"), none);
    String standby =
        StartFailure.why(POSTGRES, new SQLException("no targetServerType: primary", "08001"));
    assertTrue(standby.contains("it is a standby, or default_transaction_read_only"), standby);
    String denied =
        StartFailure.why(
            POSTGRES, new SQLException("ERROR: permission denied for table outbox", "42501"));
    assertTrue(denied.startsWith(at + "permission denied for table outbox; the user"), denied);
    String full = StartFailure.why(POSTGRES, new SQLException("FATAL: too many", "53300"));
    assertTrue(full.contains("max_connections"), full);
  }

  @Test
  void whatHasNoMessageIsNamed() {
    assertEquals("java.lang.IllegalStateException", why(new IllegalStateException()));
    assertEquals("as it is", why(new IllegalStateException("as it is")));
  }

  @Test
  void anAddressThatCannotBeHadNamesItsKey() throws Exception {
    assertNull(StartFailure.listening("server", "127.0.0.1", 0));
    assertSays("server.host=no..name: unknown host;", "no..name", 0);
    assertSays("server.host=192.0.2.77: ", "192.0.2.77", 0);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertSays("server.port=" + port + ": in use by another program", "127.0.0.1", port);
    }
  }

  private static void assertSays(String start, String host, int port) {
    String why = StartFailure.listening("server", host, port);
    assertNotNull(why);
    assertTrue(why.startsWith(start), why);
  }
}
