package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import lastcall.testing.Engine;
import lastcall.testing.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** After a failover the old primary may be left up, and answers with what was there before. */
@Timeout(120)
final class OldPrimaryTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private AppConfig.Store config;

  @BeforeEach
  void open() throws Exception {
    config = Engine.POSTGRES.create(null);
    assertTrue(Database.open(config, StoreListener.NONE).close(LONG));
  }

  @AfterEach
  void close() throws Exception {
    PostgresServer.shared().readOnly(false);
    Engine.POSTGRES.drop(config);
  }

  @Test
  void nobodyReadsFromIt() throws Exception {
    String delete = "DELETE FROM pause";
    try (AdminConnection connection = new AdminConnection(config, LONG)) {
      assertEquals("x", connection.read(sql -> "x"));
      PostgresServer.shared().readOnly(true);
      AdminException refused =
          assertThrows(AdminException.class, () -> connection.read(sql -> "stale"));
      assertTrue(refused.getMessage().contains("primary"), refused.getMessage());
      assertThrows(AdminException.class, () -> connection.write(sql -> sql.update(delete)));
      PostgresServer.shared().readOnly(false);
      assertEquals("0", connection.write(sql -> "" + sql.update(delete)));
      assertEquals("x", connection.read(sql -> "x"));
    }
  }
}
