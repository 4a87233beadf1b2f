package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.drill.SignupClient.Answer;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;

/** A database that can't be written to, and then can again. */
final class DatabaseTroubleTest extends ServiceTest {
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

  private static void maxFileSize(ServiceProcess service, String bytes) throws Exception {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid", "" + service.pid(), "--fsize=" + bytes + ":")
            .inheritIO()
            .start();
    assertTrue(prlimit.waitFor(30, TimeUnit.SECONDS) && prlimit.exitValue() == 0, "prlimit");
  }

  private static void assertUnavailable(ServiceProcess service) throws Exception {
    try (SignupClient client = new SignupClient(service.port())) {
      Answer answer = client.signUp("ada@example.org");
      assertEquals(503, answer.status(), answer.body());
      assertTrue(Integer.parseInt(answer.headers().get("retry-after")) > 0);
    }
    service.await("database in trouble");
    HttpResponse<String> ready = health(service, "ready");
    assertEquals(503, ready.statusCode());
    assertTrue(ready.body().contains("database-down"), ready.body());
    assertEquals(200, health(service, "live").statusCode(), "a restart would not help");
  }

  private void assertRecovered(ServiceProcess service) throws Exception {
    service.await("database works again");
    assertEquals(200, health(service, "ready").statusCode());
    assertEquals(
        0,
        service.rows().count("users WHERE email = 'ada@example.org'"),
        "503 and stored all the same is allowed only where the commit itself failed");
    try (SignupClient client = new SignupClient(service.port())) {
      assertEquals(202, client.signUp("ada@example.org").status());
    }
    assertEquals(0, term(service));
    assertEquals(2, service.rows().count("outbox WHERE state = 'sent'"));
    assertEquals(0, service.rows().count("users WHERE id NOT IN (SELECT user_id FROM outbox)"));
    assertEquals(2, smtp.accepted().size());
  }
}
