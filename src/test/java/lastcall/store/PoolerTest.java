package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.config.AppConfig;
import lastcall.testing.Engine;
import lastcall.testing.PostgresServer;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real PgBouncer in between: Debian's, or the one that LASTCALL_TEST_PGBOUNCER names. It refuses
 * the parameter "options" of a new connection.
 */
@Timeout(120)
final class PoolerTest {
  private static final Path PGBOUNCER =
      Path.of(System.getenv().getOrDefault("LASTCALL_TEST_PGBOUNCER", "/usr/sbin/pgbouncer"));

  @TempDir Path directory;
  private AppConfig.Store config;
  private Process pooler;

  @BeforeEach
  void create() throws Exception {
    assumeTrue(Files.isExecutable(PGBOUNCER), "PgBouncer");
    config = Engine.POSTGRES.create(null);
  }

  @AfterEach
  void drop() throws Exception {
    if (pooler != null) {
      pooler.destroyForcibly().waitFor();
    }
    if (config != null) {
      Engine.POSTGRES.drop(config);
    }
  }

  private AppConfig.Store start(String mode, String... more) throws Exception {
    URI server = URI.create(config.url().substring("jdbc:".length()));
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    AppConfig.Store real = PostgresServer.shared().maintenance();
    Path settings = directory.resolve("pgbouncer.ini");
    List<String> lines = new ArrayList<>(List.of("[databases]"));
    lines.add("* = host=127.0.0.1 port=" + server.getPort() + " user=" + real.user());
    lines.add("[pgbouncer]");
    lines.addAll(List.of("listen_addr = 127.0.0.1", "listen_port = " + port, "unix_socket_dir ="));
    lines.addAll(List.of("auth_type = any", "auth_file = " + directory.resolve("users")));
    lines.add("ignore_startup_parameters = extra_float_digits");
    lines.add("pool_mode = " + mode);
    lines.addAll(List.of(more));
    Files.write(settings, lines);
    Files.writeString(
        directory.resolve("users"), "\"" + real.user() + "\" \"" + real.password() + "\"\n");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) { // which it refuses to run as
      command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    }
    command.addAll(List.of(PGBOUNCER.toString(), settings.toString()));
    pooler =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("pgbouncer.log").toFile())
            .start();
    TestDatabase.await("PgBouncer listens, see its log", () -> accepts(port));
    String url = "jdbc:postgresql://127.0.0.1:" + port + server.getPath();
    return new AppConfig.Store(url, null, real.user(), real.password());
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void sessionPoolingIsServed() throws Exception {
    Database database = Database.open(start("session"), StoreListener.NONE);
    try {
      assertInstanceOf(Stored.Accepted.class, TestDatabase.signups(database).insert(user("ann")));
      Claim claim = database.outbox("me").claim(9, Duration.ofMinutes(1), OutboxStore.ANY_AGE);
      assertEquals(1, claim.mails().size());
    } finally {
      assertTrue(database.close(Duration.ofSeconds(20)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"transaction", "statement"})
  void poolingByTransactionIsRefused(String mode) throws Exception {
    AppConfig.Store pooled = start(mode);
    SQLException refused =
        assertThrows(SQLException.class, () -> Database.open(pooled, StoreListener.NONE));
    assertTrue(refused.getMessage().contains("pool_mode = session"), refused.getMessage());
  }

  @Test
  void aPoolOfOneConnectionIsNamed() throws Exception {
    AppConfig.Store pooled = start("session", "default_pool_size = 1", "query_wait_timeout = 1");
    SQLException refused =
        assertThrows(SQLException.class, () -> Database.open(pooled, StoreListener.NONE));
    assertTrue(refused.getMessage().contains("pool_size"), refused.getMessage());
  }
}
