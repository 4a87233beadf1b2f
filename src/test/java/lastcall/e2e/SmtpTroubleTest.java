package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lastcall.drill.LogLine;
import lastcall.drill.Rows;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;

/** A mail server that is down, silent, or says no. */
final class SmtpTroubleTest extends ServiceTest {
  private static final String DUE_AGAIN =
      "UPDATE outbox SET state = 'due', attempts = 0, due_at = 0, ended_at = NULL"
          + " WHERE state IN ('refused', 'exhausted')";

  /**
   * A stall hits one measurement, and makes it longer: so in pairs, and the pair that speaks best
   * for the service counts. Without a mail server a sign-up takes less, since nothing is sent
   * beside it; one that waited for SMTP in any way would be slower in every pair.
   */
  @Test
  @Proves("P5")
  void anOutageSlowsNoSignupAndUsesUpNoAttempt() throws Exception {
    int pairs = 4;
    try (ServiceProcess service = start()) {
      int port = service.port();
      signUpAtOnce(port, "warm", 400);
      List<Double> ratios = new ArrayList<>();
      int sent = 400;
      for (int pair = 1; pair <= pairs; pair++) {
        long whileUp = signUpAtOnce(port, "up" + pair + ".", 200);
        service.await("welcome e-mail sent", sent += 200); // or an answer could get lost
        smtp.down();
        long whileDown = signUpAtOnce(port, "down" + pair + ".", 200);
        ratios.add((double) whileDown / whileUp);
        service.await("mail server in trouble, probing", pair);
        assertEquals(sent, smtp.accepted().size());
        smtp.up();
        service.await("welcome e-mail sent", sent += 200);
      }
      System.out.println("a sign-up without the mail server, by one with it: " + ratios);
      assertTrue(Collections.min(ratios) < 1, () -> "slower in every pair: " + ratios);
      assertEquals(0, term(service));
      assertEquals(sent, service.rows().count("outbox WHERE state = 'sent' AND attempts = 1"));
      assertEquals(sent, smtp.accepted().size());
      assertEquals(sent, recipients().size());
    }
  }

  /** So many sign-ups by 8 clients, each accepted; the median of what one took, in nanoseconds. */
  private static long signUpAtOnce(int port, String name, int count) throws Exception {
    List<Future<List<Long>>> all = new ArrayList<>();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < 8; client++) {
        int first = client;
        Callable<List<Long>> posts = () -> signUpInTurn(port, name, first, count);
        all.add(clients.submit(posts));
      }
    }
    List<Long> took = new ArrayList<>();
    for (Future<List<Long>> one : all) {
      took.addAll(one.get());
    }
    Collections.sort(took);
    return took.get(count / 2);
  }

  private static List<Long> signUpInTurn(int port, String name, int first, int count)
      throws IOException {
    List<Long> took = new ArrayList<>();
    try (SignupClient client = new SignupClient(port)) {
      for (int i = first; i < count; i += 8) {
        long begun = System.nanoTime();
        assertEquals(202, client.signUp(name + i + "@example.org").status());
        took.add(System.nanoTime() - begun);
      }
    }
    return took;
  }

  @Test
  @Proves({"P2", "P5"})
  void aServerThatFallsSilentAfterTheTextHoldsNeitherSendsNorTheStop() throws Exception {
    smtp.always(Step.DOT, Action.silence());
    Set<String> accepted;
    try (ServiceProcess service =
        start("smtp.timeout=300ms", "shutdown.deadline=4s", "shutdown.request-grace=500ms")) {
      accepted = signUp(service, 20);
      LogLine unknown = service.await("welcome e-mail unknown");
      assertTrue(unknown.millis("again_in") >= 10_000, unknown::text);
      assertEquals(75, term(service));
      LogLine stopped = service.await("stopped server");
      assertTrue(stopped.millis("took") < 5500, stopped::text); // beyond it ends by force, not 75
      Rows rows = service.rows();
      assertEquals(20, rows.count("outbox WHERE state = 'due' AND owner IS NULL"));
      int tried = rows.count("outbox WHERE attempts = 1 AND last_error IS NOT NULL");
      assertTrue(tried > 0, "unknown ones keep their attempt");
      assertEquals(20, tried + rows.count("outbox WHERE attempts = 0"));
      rows.update("UPDATE outbox SET due_at = 0"); // not to wait for 10 s
    }
    smtp.behave();
    try (ServiceProcess next = start()) {
      assertEquals(0, term(next));
    }
    assertEquals(accepted, recipients());
    assertEquals(20, smtp.accepted().size());
  }

  @Test
  @Proves("P6")
  void whatIsRefusedOrGivenUpIsKeptAndCanBeSentAgain() throws Exception {
    Path readme = Path.of("README.md");
    assertTrue(
        Files.notExists(readme) || Files.readString(readme).contains(DUE_AGAIN),
        "README.md has the line of SQL");
    smtp.on(Step.RCPT, Action.reply("550 5.1.1 no such user"), 1);
    try (ServiceProcess service =
        start("delivery.max-attempts=2", "delivery.backoff.initial=10ms")) {
      Set<String> accepted = signUp(service, 5);
      LogLine refused = service.await("welcome e-mail refused");
      assertEquals("550", refused.get("code"));
      service.await("welcome e-mail sent", 4);
      smtp.on(Step.RCPT, Action.reply("451 4.2.1 later"), 2);
      try (SignupClient client = new SignupClient(service.port())) {
        assertEquals(202, client.signUp("later@example.org").status());
        service.await("welcome e-mail given up");
        assertEquals(202, client.signUp("next@example.org").status());
      }
      service.await("welcome e-mail sent", 5);
      assertEquals(0, term(service), "nothing is due");
      Rows rows = service.rows();
      assertEquals(1, rows.count("outbox WHERE state = 'refused' AND last_error LIKE '%550%'"));
      assertEquals(1, rows.count("outbox WHERE state = 'exhausted' AND attempts = 2"));
      assertEquals(2, rows.update(DUE_AGAIN));
      accepted.addAll(Set.of("later@example.org", "next@example.org"));
      smtp.on(Step.RCPT, Action.reply("550 5.1.1 no such user"), 1);
      try (ServiceProcess next = start()) {
        next.await("welcome e-mail sent");
        next.await("welcome e-mail refused");
        while (rows.update(DUE_AGAIN) == 0) { // until its result is committed
          Thread.onSpinWait();
        }
        next.await("welcome e-mail sent", 2); // while it runs: the poll finds it
        assertEquals(0, term(next));
      }
      assertEquals(accepted, recipients());
      assertEquals(7, smtp.accepted().size());
    }
  }
}
