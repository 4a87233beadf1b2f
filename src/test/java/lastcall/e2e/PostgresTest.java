package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import lastcall.config.AppConfig;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.PostgresServer;
import lastcall.testing.Proves;
import lastcall.testing.TcpProxy;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instances on a PostgreSQL that goes away, and instances that do. */
final class PostgresTest extends ServiceTest {
  private PostgresServer server;
  private AppConfig.Store database;
  private TestDatabase sql;

  @BeforeEach
  void create() throws Exception {
    server = PostgresServer.shared();
    database = server.create();
  }

  @AfterEach
  void drop() throws Exception {
    if (sql != null) {
      sql.close();
    }
    server.drop(database);
  }

  private ServiceProcess startOn(String url, String... more) throws Exception {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.add("database.url=" + url);
    settings.add("database.user=" + database.user());
    settings.add("database.password=" + database.password());
    ServiceProcess service = start(settings.toArray(String[]::new));
    if (sql == null) {
      sql = new TestDatabase(database);
    }
    return service;
  }

  @Test
  @Proves("P7")
  void theServerRestartsAndItsConnectionsAreEndedUnderLoad() throws Exception {
    try (ServiceProcess service = startOn(database.url(), "shutdown.drain=due")) {
      try (SignupLoad load = new SignupLoad(service.port())) {
        load.await(50);
        server.terminate(database);
        load.await(50);
        sql.close();
        server.restart();
        sql = new TestDatabase(database);
        load.await(50);
        server.terminate(database);
        load.await(50);
        Set<String> accepted = load.stop();
        sql = new TestDatabase(database);
        assertEquals(0, term(service), () -> service.log().toString());
        Set<String> users = new TreeSet<>(sql.rows("SELECT email FROM users"));
        assertTrue(users.containsAll(accepted), "lost");
        assertEquals(users, recipients(), "each stored user has an e-mail");
        assertEquals(users.size(), smtp.accepted().size(), "none twice");
        assertEquals("0", sql.row("SELECT COUNT(*) FROM outbox WHERE state <> 'sent'"));
      }
    }
  }

  @Test
  @Proves("P7")
  void nobodyGetsAConnectionAnyMore() throws Exception {
    List<Connection> all = new ArrayList<>();
    try (ServiceProcess service = startOn(database.url())) {
      sql.close();
      sql = null;
      useUp(all);
      try (Statement statement = all.getFirst().createStatement()) {
        String its =
            "FROM pg_stat_activity WHERE datname = '" + database.url().replaceFirst(".*/", "");
        do { // until its connection is ours: it looks for work once a second, too
          statement.execute("SELECT pg_terminate_backend(pid) " + its + "'");
          useUp(all);
        } while (exists(statement, "SELECT 1 " + its + "'"));
      }
      try (SignupClient client = new SignupClient(service.port())) {
        SignupClient.Answer answer = client.signUp("ada@example.org");
        assertEquals(503, answer.status(), answer.body());
        assertTrue(Integer.parseInt(answer.headers().get("retry-after")) > 0);
      }
      assertEquals(503, health(service, "ready").statusCode());
      for (Connection one : all) {
        one.close();
      }
      service.await("database works again");
      assertEquals(200, health(service, "ready").statusCode());
      signUp(service, 1);
      assertEquals(0, term(service));
    } finally {
      for (Connection one : all) {
        one.close();
      }
    }
  }

  private static boolean exists(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next();
    }
  }

  private void useUp(List<Connection> all) {
    try {
      while (true) {
        all.add(server.connect(server.maintenance()));
      }
    } catch (SQLException full) {
      assertTrue(all.size() > 10, full.toString());
    }
  }

  @Test
  @Proves({"P2", "P7"})
  void theNetworkIsCutAndTheStopEndsInTime() throws Exception {
    smtp.delay(Duration.ofSeconds(1));
    int port = Integer.parseInt(database.url().replaceFirst(".*:(\\d+)/.*", "$1"));
    try (TcpProxy proxy = new TcpProxy(port)) {
      String url = database.url().replace(":" + port + "/", ":" + proxy.port() + "/");
      for (String drain : List.of("due", "in-flight")) {
        proxy.hold(false);
        try (ServiceProcess service =
            startOn(
                url,
                "shutdown.drain=" + drain,
                "shutdown.deadline=4s",
                "shutdown.request-grace=500ms",
                "delivery.lease=2s")) {
          signUp(service, 5, drain);
          proxy.hold(true);
          assertEquals(75, term(service), () -> service.log().toString());
          LogLine stopped = service.await("stopped server");
          assertTrue(stopped.millis("took") < 5500, stopped::text);
          assertTrue(stopped.number("unrecorded") > 0, stopped::text);
        }
      }
    }
    smtp.delay(Duration.ZERO);
    try (ServiceProcess next = startOn(database.url(), "shutdown.drain=due")) {
      TestDatabase.await("taken over", () -> recipients().size() == 10);
      assertEquals(0, term(next));
    }
    assertEquals("10", sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'sent'"));
  }

  /**
   * A killed instance's e-mails are taken over after their lease; a stopped one leaves no claim.
   */
  @Test
  @Proves({"P2", "P4"})
  void othersTakeOver() throws Exception {
    smtp.delay(Duration.ofSeconds(2));
    try (ServiceProcess killed = startOn(database.url(), "delivery.lease=3s");
        ServiceProcess stopped =
            startOn(database.url(), "delivery.concurrency=1", "delivery.lease=3s")) {
      Set<String> accepted = signUp(killed, 5, "a");
      TestDatabase.await("claimed", () -> count("outbox WHERE owner IS NOT NULL") == 5);
      killed.signal("KILL");
      killed.awaitExit();
      accepted.addAll(signUp(stopped, 5, "b"));
      assertEquals(0, term(stopped), "its only send has ended, the rest was nobody's");
      assertEquals(
          0,
          count("outbox JOIN users ON users.id = user_id WHERE email LIKE 'b%' AND owner <> ''"),
          "claims that the stop has left");
      smtp.delay(Duration.ZERO);
      try (ServiceProcess last = startOn(database.url(), "shutdown.drain=due")) {
        TestDatabase.await("taken over", () -> recipients().equals(accepted));
        assertEquals(0, term(last));
      }
      assertEquals(10, count("outbox WHERE state = 'sent' AND owner IS NULL"));
      int twice = smtp.accepted().size() - 10;
      assertTrue(twice <= 5, "the killed one's five only: " + smtp.countsById());
    }
  }

  @Test
  void withoutItTheStartFailsAndSaysWhy() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.launch(
            directory,
            "database.url=jdbc:postgresql://127.0.0.1:1/x",
            "database.user=" + database.user(),
            "database.password=secret")) {
      assertEquals(1, service.awaitExit());
      LogLine failed = service.await("start failed");
      assertTrue(failed.get("why").contains("127.0.0.1:1"), failed::text);
      assertFalse(service.log().toString().contains("secret"), "the password is in the log");
    }
  }

  private int count(String from) {
    try {
      return Integer.parseInt(sql.row("SELECT COUNT(*) FROM " + from));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
