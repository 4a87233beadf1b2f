package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.drill.SignupClient.Answer;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;

/** A database that can't be written to, and then can again. */
final class DatabaseTroubleTest extends ServiceTest {
  private static final String GONE =
      "database file was moved, removed or replaced: nothing is stored until it is moved back, or"
          + " the service is started again";

  @Test
  @Proves("P7")
  void anotherProcessHoldsTheWriteLock() throws Exception {
    try (ServiceProcess service = start()) {
      signUp(service, 1);
      service.await("welcome e-mail sent");
      try (Connection connection = service.rows().connect();
          Statement statement = connection.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        assertUnavailable(service);
        statement.execute("ROLLBACK");
      }
      assertRecovered(service);
    }
  }

  @Test
  @Proves({"P2", "P7"})
  void itIsLockedDuringTheWholeStop() throws Exception {
    smtp.delay(Duration.ofMillis(500));
    try (ServiceProcess service = start("shutdown.deadline=4s", "shutdown.request-grace=500ms")) {
      signUp(service, 5);
      try (Connection connection = service.rows().connect();
          Statement statement = connection.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        assertEquals(75, term(service), () -> service.log().toString());
        statement.execute("ROLLBACK");
      }
      LogLine stopped = service.await("stopped server");
      assertTrue(stopped.millis("took") < 5500, stopped::text);
      assertTrue(stopped.number("unrecorded") > 0, stopped::text);
    }
    try (ServiceProcess next = start()) {
      assertEquals(0, term(next));
      assertEquals(5, next.rows().count("outbox WHERE state = 'sent'"));
    }
  }

  @Test
  @Proves("P7")
  void theDiskTakesNoMore() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "no prlimit (util-linux)");
    try (ServiceProcess service = start()) {
      signUp(service, 1);
      service.await("welcome e-mail sent");
      maxFileSize(service, "1"); // from here on every write to a file fails
      assertUnavailable(service);
      maxFileSize(service, "unlimited");
      assertRecovered(service);
    }
  }

  /** A cleaning job, a restored backup: a 202 would be for a file that nobody will ever see. */
  @Test
  @Proves("P7")
  void theFileIsMovedAwayAndBack() throws Exception {
    Path file = directory.resolve("lastcall.db");
    Path away = directory.resolve("away.db");
    try (ServiceProcess service = start()) {
      signUp(service, 1);
      service.await("welcome e-mail sent");
      Files.move(file, away);
      assertUnavailable(service, GONE);
      assertTrue(service.await(GONE).text().contains(file.toString()));
      assertFalse(Files.exists(file), "an empty file took its place");
      Files.copy(away, file); // a backup, while the service still has the other file open
      assertUnavailable(service, GONE);
      Files.move(away, file, StandardCopyOption.REPLACE_EXISTING);
      assertRecovered(service);
      assertEquals(1, service.log(GONE).size());
    }
  }

  @Test
  @Proves({"P2", "P7"})
  void theFileIsRemovedForGood() throws Exception {
    smtp.delay(Duration.ofMillis(500));
    try (ServiceProcess service = start("shutdown.deadline=4s", "shutdown.request-grace=500ms")) {
      signUp(service, 5);
      for (String suffix : List.of("", "-wal", "-shm")) {
        Files.delete(directory.resolve("lastcall.db" + suffix));
      }
      assertUnavailable(service, GONE);
      assertEquals(75, term(service), () -> service.log().toString());
      assertTrue(service.await("stopped server").number("unrecorded") > 0);
      assertFalse(Files.exists(directory.resolve("lastcall.db")), "an empty file took its place");
    }
  }

  private static void maxFileSize(ServiceProcess service, String bytes) throws Exception {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid", "" + service.pid(), "--fsize=" + bytes + ":")
            .inheritIO()
            .start();
    assertTrue(prlimit.waitFor(30, TimeUnit.SECONDS) && prlimit.exitValue() == 0, "prlimit");
  }

  private static void assertUnavailable(ServiceProcess service) throws Exception {
    assertUnavailable(service, "database in trouble");
  }

  private static void assertUnavailable(ServiceProcess service, String line) throws Exception {
    try (SignupClient client = new SignupClient(service.port())) {
      Answer answer = client.signUp("ada@example.org");
      assertEquals(503, answer.status(), answer.body());
      assertTrue(Integer.parseInt(answer.headers().get("retry-after")) > 0);
    }
    service.await(line);
    HttpResponse<String> ready = health(service, "ready");
    assertEquals(503, ready.statusCode());
    assertTrue(ready.body().contains("database-down"), ready.body());
    assertEquals(200, health(service, "live").statusCode(), "a restart would not help");
  }

  private void assertRecovered(ServiceProcess service) throws Exception {
    service.await("database works again");
    assertEquals(200, health(service, "ready").statusCode());
    // With her 503 she may be stored all the same, if the writer had begun before she gave up.
    long stored = service.rows().count("users WHERE email = 'ada@example.org'");
    try (SignupClient client = new SignupClient(service.port())) {
      assertEquals(stored == 0 ? 202 : 409, client.signUp("ada@example.org").status());
    }
    assertEquals(0, term(service));
    assertEquals(2, service.rows().count("outbox WHERE state = 'sent'"));
    assertEquals(0, service.rows().count("users WHERE id NOT IN (SELECT user_id FROM outbox)"));
    assertEquals(2, smtp.accepted().size());
  }
}
