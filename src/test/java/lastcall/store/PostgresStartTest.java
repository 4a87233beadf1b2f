package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import lastcall.config.AppConfig;
import lastcall.testing.Engine;
import lastcall.testing.PostgresServer;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers, roles and encodings as administrators make them: served, or refused at the start. */
@Timeout(120)
final class PostgresStartTest {
  private static final Duration LEASE = Duration.ofMinutes(5);
  private AppConfig.Store config;
  private TestDatabase sql;

  @BeforeEach
  void create() throws Exception {
    config = Engine.POSTGRES.create(null);
    sql = new TestDatabase(config);
    assertTrue(Database.open(config, StoreListener.NONE).close(StoreFixture.LONG));
  }

  @AfterEach
  void drop() throws Exception {
    sql.close();
    Engine.POSTGRES.drop(config);
  }

  /**
   * LATIN2 has no letters for most of the world: each such sign-up would be told 503 for ever.
   * SQL_ASCII takes any bytes, but what another program writes need not be text for us.
   */
  @ParameterizedTest
  @ValueSource(strings = {"LATIN2", "SQL_ASCII"})
  void aDatabaseThatCantHoldEveryNameIsRefused(String encoding) throws Exception {
    AppConfig.Store other =
        PostgresServer.shared()
            .create("ENCODING '" + encoding + "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    try {
      SQLException refused =
          assertThrows(SQLException.class, () -> Database.open(other, StoreListener.NONE));
      assertTrue(refused.getMessage().contains(encoding), refused.getMessage());
    } finally {
      PostgresServer.shared().drop(other);
    }
  }

  /** By statements: poolers refuse them, or drop them, as parameters of a new connection. */
  @Test
  void settingsHoldForTheSession() throws Exception {
    sql.execute("ALTER DATABASE " + name(config) + " SET synchronous_commit = off");
    try (Connection connection = Dialect.of(config).connect(false)) {
      connection.setAutoCommit(false);
      for (String expected :
          List.of(
              "statement_timeout 4s",
              "lock_timeout 1500ms",
              "idle_in_transaction_session_timeout 10s",
              "enable_seqscan off",
              "synchronous_commit on")) {
        String name = expected.replaceFirst(" .*", "");
        assertEquals(expected, name + " " + Sql.ask(connection, "SHOW " + name));
        connection.rollback();
      }
    }
  }

  private static String name(AppConfig.Store database) {
    return database.url().replaceFirst(".*/", "").replaceFirst("\\?.*", "");
  }

  /** CREATE TABLE IF NOT EXISTS wants the right to create even where the table exists. */
  @Test
  void aRoleThatMayNotCreateStartsOnItsTables() throws Exception {
    AppConfig.Store role = role("SELECT, INSERT, UPDATE, DELETE");
    try {
      Database limited = Database.open(role, StoreListener.NONE);
      assertInstanceOf(Stored.Accepted.class, TestDatabase.signups(limited).insert(user("ann")));
      assertEquals(1, limited.outbox("me").claim(1, LEASE, OutboxStore.ANY_AGE).mails().size());
      assertTrue(limited.close(StoreFixture.LONG));
    } finally {
      dropRole(role);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SELECT, schema_version",
    "'SELECT, UPDATE', users",
    "'SELECT, INSERT, UPDATE', outbox"
  })
  void aRoleThatLacksARightIsRefusedAtTheStart(String rights, String table) throws Exception {
    AppConfig.Store role = role(rights);
    try {
      SQLException refused =
          assertThrows(SQLException.class, () -> Database.open(role, StoreListener.NONE));
      assertEquals("42501", refused.getSQLState());
      assertTrue(refused.getMessage().contains("table " + table), refused.getMessage());
    } finally {
      dropRole(role);
    }
  }

  private AppConfig.Store role(String rights) throws SQLException {
    String name = "r" + UUID.randomUUID().toString().replace("-", "");
    sql.execute("CREATE ROLE " + name + " LOGIN PASSWORD 'secret'");
    sql.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    sql.execute("GRANT " + rights + " ON ALL TABLES IN SCHEMA public TO " + name);
    return new AppConfig.Store(config.url(), null, name, "secret");
  }

  private void dropRole(AppConfig.Store role) throws SQLException {
    sql.execute("DROP OWNED BY " + role.user());
    sql.execute("DROP ROLE " + role.user());
  }
}
