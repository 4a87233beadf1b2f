package lastcall.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import lastcall.drill.ServiceProcess;
import lastcall.fuzz.ServiceWatch.Reading;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Accepted;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random requests to the API and the sign-up page, and the e-mails that come of them. */
@Timeout(1_200)
final class PublicPortFuzzTest {
  private static final int REQUESTS = Integer.getInteger("lastcall.requests", 100_000);

  private static final Set<Integer> ALLOWED =
      Set.of(
          100, 200, 202, 204, 304, 400, 403, 404, 405, 408, 409, 413, 414, 415, 417, 422, 429, 431,
          503, 505);

  private static final Set<String> HEADERS =
      Set.of(
          "Date",
          "To",
          "Message-ID",
          "From",
          "Subject",
          "Auto-Submitted",
          "MIME-Version",
          "Content-Type");

  private static final Pattern COMMAND =
      Pattern.compile(
          "EHLO lastcall\\.example|MAIL FROM:<welcome@lastcall\\.example>( BODY=8BITMIME)?"
              + "|RCPT TO:<[!-~&&[^<>\\\\\"(),:;@\\[\\]]]+@[a-z0-9.-]+>|DATA|RSET|NOOP|QUIT");

  @TempDir Path directory;

  @Test
  void nothingBreaksTheServiceOrGetsIntoAnEmail() throws Exception {
    long seed = HttpFuzz.seed("nothingBreaksTheServiceOrGetsIntoAnEmail");
    try (ScriptedSmtpServer smtp = new ScriptedSmtpServer();
        ServiceProcess service =
            ServiceProcess.start(
                directory,
                "smtp.host=127.0.0.1",
                "smtp.tls=none",
                "smtp.port=" + smtp.port(),
                "limits.request-timeout=500ms",
                "limits.idle-timeout=500ms",
                "limits.response-timeout=2s",
                "api.cors-origins=https://www.example.org",
                "delivery.concurrency=8")) {
      JqwikSession.run(() -> fuzz(service, smtp, seed));
    }
  }

  private static void fuzz(ServiceProcess service, ScriptedSmtpServer smtp, long seed)
      throws Exception {
    int port = service.port();
    ServiceWatch watch = new ServiceWatch(service);
    HttpFuzz fuzz =
        new HttpFuzz(seed, new FuzzClient(port, "/openapi"), ALLOWED, Requests.exchanges());
    Reading first = null;
    for (int fifth = 1; fifth <= 5; fifth++) {
      fuzz.runUntil(REQUESTS / 5 * fifth);
      watch.awaitNoConnections(port);
      ServiceWatch.await("all e-mails sent", () -> due(service) == 0);
      Reading reading = watch.read();
      first = first == null ? reading : first;
      watch.assertNotGrown(first, reading, 20);
    }
    System.out.println(fuzz.requests() + " requests: " + fuzz.counts());
    watch.assertLogIsCalm();
    assertEquals(0, service.rows().count("outbox WHERE state <> 'sent'"));
    emails(smtp, fuzz.ledger, service.rows().users());
    service.signal("TERM");
    assertEquals(0, service.awaitExit());
  }

  private static int due(ServiceProcess service) {
    try {
      return service.rows().count("outbox WHERE state = 'due'");
    } catch (java.sql.SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Exactly one for each 202, and in each nothing but what is ours. */
  private static void emails(ScriptedSmtpServer smtp, Ledger ledger, Set<String> users) {
    Map<String, Integer> byRecipient = new TreeMap<>();
    Set<String> ids = new HashSet<>();
    for (Accepted mail : smtp.accepted()) {
      byRecipient.merge(mail.recipient(), 1, Integer::sum);
      assertTrue(ids.add(mail.messageId()), "twice the same Message-ID");
      String head = mail.text().split("\r\n\r\n", 2)[0];
      Map<String, String> headers = new TreeMap<>();
      for (String line : head.split("\r\n(?![ \t])")) {
        String[] parts = line.split(":", 2);
        assertEquals(null, headers.put(parts[0], parts[1].strip()), () -> "twice: " + head);
      }
      assertEquals(HEADERS, headers.keySet(), head);
      assertEquals(mail.recipient(), headers.get("To"));
      assertEquals("welcome@lastcall.example", headers.get("From"));
    }
    System.out.println(
        byRecipient.size()
            + " e-mails, "
            + ledger.accepted.size()
            + " addresses with a 202, "
            + ledger.doubts()
            + " requests without a known answer");
    Set<String> without = new TreeSet<>(ledger.accepted);
    without.removeAll(byRecipient.keySet());
    assertEquals(Set.of(), without, "202 and no e-mail");
    assertEquals(users, byRecipient.keySet(), "users, and who got an e-mail");
    byRecipient.forEach((recipient, count) -> {
      assertEquals(1, count, recipient);
      assertFalse(recipient.contains(Bodies.NEVER), recipient);
      assertTrue(ledger.possible(recipient), () -> "no 202, but an e-mail: " + recipient);
    });
    List<String> odd =
        smtp.commands().stream().filter(line -> !COMMAND.matcher(line.strip()).matches()).toList();
    assertEquals(List.of(), odd, "SMTP commands");
    assertTrue(ledger.accepted.size() >= REQUESTS / 20, "too few sign-ups were good");
  }
}
