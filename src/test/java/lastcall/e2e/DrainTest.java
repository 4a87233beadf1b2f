package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lastcall.drill.LogLine;
import lastcall.drill.Rows;
import lastcall.drill.ServiceProcess;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;

/** What the promise says of e-mails when the process is told to stop, or is killed. */
final class DrainTest extends ServiceTest {
  private static final List<String> LIFE_CYCLE =
      List.of(
          "database connection pool established",
          "starting server",
          "shutting down server",
          "completing background tasks",
          "stopped server");

  @Test
  @Proves("P1")
  void everyAcceptedSignupHasItsMailBeforeTheExit() throws Exception {
    smtp.delay(Duration.ofSeconds(2));
    try (ServiceProcess service = start()) {
      Set<String> accepted = signUp(service, 20);
      assertEquals(0, term(service));
      assertEquals(accepted, recipients());
      assertEquals(20, smtp.accepted().size(), "none twice");
      assertEquals(20, service.await("completing background tasks").number("pending"));
      assertEquals(20, service.await("stopped server").number("sent"));
      assertEquals(
          LIFE_CYCLE,
          service.log().stream().map(l -> l.get("msg")).filter(LIFE_CYCLE::contains).toList());
      assertEquals(20, service.rows().count("outbox WHERE state = 'sent' AND attempts = 1"));
    }
  }

  @Test
  @Proves("P2")
  void whatIsCutWhileItFinishesWhatRunsIsNoSuccess() throws Exception {
    smtp.on(Step.RCPT, Action.silence(), Integer.MAX_VALUE);
    try (ServiceProcess service =
        start("shutdown.drain=in-flight", "shutdown.deadline=3s", "shutdown.request-grace=500ms")) {
      signUp(service, 5);
      smtp.awaitReached(Step.RCPT, 5, ServiceProcess.GUARD);
      assertEquals(75, term(service));
      assertEquals(5, service.await("stopped server").number("released"));
      assertEquals(5, service.rows().count("outbox WHERE state = 'due' AND attempts = 0"));
    }
  }

  @Test
  @Proves("P2")
  void aSendThatEndsInServerTroubleWhileItFinishesWhatRunsIsKept() throws Exception {
    smtp.on(Step.RCPT, Action.silence(), 1);
    try (ServiceProcess service = start("shutdown.drain=in-flight", "smtp.timeout=3s")) {
      signUp(service, 1);
      smtp.awaitReached(Step.RCPT, 1, ServiceProcess.GUARD);
      assertEquals(75, term(service));
      assertEquals(1, service.await("stopped server").number("released"));
      assertEquals(1, service.rows().count("outbox WHERE state = 'due' AND attempts = 0"));
    }
  }

  @Test
  @Proves("P2")
  void whatTheDeadlineCutsOffIsKeptForTheNextStart() throws Exception {
    smtp.delay(Duration.ofSeconds(1));
    Set<String> accepted;
    try (ServiceProcess service =
        start("delivery.concurrency=2", "shutdown.deadline=3s", "shutdown.request-grace=500ms")) {
      accepted = signUp(service, 20);
      assertEquals(75, term(service));
      LogLine stopped = service.await("stopped server");
      // By the service's own clock; a stall of the machine beyond that ends it by force, status
      // 143.
      assertTrue(stopped.millis("took") < 4500, stopped::text);
      assertTrue(stopped.number("released") > 0, stopped::text);
      assertEquals(0, stopped.number("unrecorded"), stopped::text);
      Rows rows = service.rows();
      int unknown = stopped.number("unknown");
      LogLine kept =
          service.await(
              "deadline reached, e-mails are kept, the next start or another instance sends them");
      assertEquals("WARN", kept.get("level"));
      assertEquals(stopped.number("released") + unknown, kept.number("kept"));
      List<LogLine> log = service.log();
      int drain = log.indexOf(service.await("completing background tasks"));
      assertTrue(
          log.stream().skip(drain).noneMatch(line -> line.is("welcome e-mail sent")),
          "in a drain one line a second, and not one for each e-mail");
      int sent = rows.count("outbox WHERE state = 'sent'");
      assertEquals(20, sent + stopped.number("released") + unknown, stopped::text);
      assertEquals(20 - sent, rows.count("outbox WHERE state = 'due' AND owner IS NULL"));
      assertEquals(20 - sent - unknown, rows.count("outbox WHERE state = 'due' AND attempts = 0"));
      rows.update("UPDATE outbox SET due_at = 0 WHERE state = 'due'"); // not to wait for a minute
    }
    smtp.delay(Duration.ZERO);
    int duplicatesAllowed;
    try (ServiceProcess next = start()) {
      smtp.awaitAccepted(20, ServiceProcess.GUARD);
      assertEquals(0, term(next));
      duplicatesAllowed = next.rows().count("outbox WHERE attempts > 1");
    }
    assertEquals(accepted, recipients());
    assertTrue(smtp.accepted().size() <= 20 + duplicatesAllowed, () -> "" + smtp.countsById());
  }

  @Test
  @Proves("P4")
  void killedRightAfterTheLastAnswer() throws Exception {
    smtp.delay(Duration.ofSeconds(1));
    Set<String> accepted;
    int inFlight;
    try (ServiceProcess service = start("delivery.concurrency=4")) {
      accepted = signUp(service, 20);
      service.signal("KILL");
      assertEquals(137, service.awaitExit());
      inFlight = service.rows().count("outbox WHERE state = 'due' AND owner IS NOT NULL");
      assertTrue(inFlight > 0, "killed too late to prove anything");
    }
    smtp.delay(Duration.ZERO);
    smtp.awaitNoConnections(ServiceProcess.GUARD); // what the first one had sent is counted
    try (ServiceProcess next = start()) {
      assertEquals(inFlight, next.await("outbox opened").number("recovered"));
      assertEquals(0, term(next));
      assertEquals(20, next.rows().count("outbox WHERE state = 'sent' AND owner IS NULL"));
    }
    assertEquals(accepted, recipients());
    Map<String, Integer> counts = smtp.countsById();
    long twice = counts.values().stream().filter(n -> n > 1).count();
    assertTrue(twice <= inFlight && smtp.accepted().size() == 20 + twice, counts::toString);
  }
}
