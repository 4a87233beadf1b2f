package lastcall.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.AppConfig;
import lastcall.drill.Rows;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.fuzz.FuzzMailServer.Dot;
import lastcall.fuzz.WildReplies.Meaning;
import lastcall.kinds.MailKinds;
import lastcall.mail.AngusMailer;
import lastcall.mail.OutgoingMail;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mail server that answers whatever it likes. */
@Timeout(1_200)
final class MailServerFuzzTest {
  private static final int SENDS = Integer.getInteger("lastcall.sends", 8_000);
  private static final int SENDERS = 24;
  private static final int MAILS = 200;

  @TempDir Path directory;

  private static AppConfig.Smtp smtp(int port) {
    return new AppConfig.Smtp(
        "127.0.0.1",
        port,
        null,
        null,
        AppConfig.Tls.NONE,
        "welcome@lastcall.example",
        null,
        Duration.ofMillis(700),
        Duration.ofMillis(900),
        Duration.ZERO);
  }

  /** No reply counts for another e-mail, and none is taken for what it is not. */
  @Test
  void eachOutcomeIsWhatTheServerSaidAboutThatEmail() throws Exception {
    long seed = HttpFuzz.seed("eachOutcomeIsWhatTheServerSaidAboutThatEmail");
    Map<String, SendOutcome> outcomes = new TreeMap<>();
    try (FuzzMailServer server = new FuzzMailServer(seed, true)) {
      try (AngusMailer mailer =
              new AngusMailer(
                  smtp(server.port()),
                  "127.0.0.1",
                  server.port(),
                  SENDERS,
                  MailKinds.ALL,
                  SmtpListener.NONE);
          ExecutorService senders =
              Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
        AtomicInteger next = new AtomicInteger();
        Callable<Map<String, SendOutcome>> sender =
            () -> {
              Map<String, SendOutcome> own = new TreeMap<>();
              for (int i = next.getAndIncrement(); i < SENDS; i = next.getAndIncrement()) {
                String id = "m" + i + "@lastcall.example";
                own.put(
                    id,
                    mailer.send(
                        new OutgoingMail(id, "welcome", "ann" + i + "@example.org", "Ann"),
                        () -> true));
              }
              return own;
            };
        List<Callable<Map<String, SendOutcome>>> all = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
          all.add(sender);
        }
        for (Future<Map<String, SendOutcome>> each : senders.invokeAll(all, 15, TimeUnit.MINUTES)) {
          assertTrue(!each.isCancelled(), () -> "seed " + seed + ": a send hangs");
          outcomes.putAll(each.get());
        }
      }
      ServiceWatch.await("no connection", () -> !server.hasConnections());
      System.out.println(server.said());
      check(seed, outcomes, server);
    }
  }

  private static String idOf(String recipient) {
    return "m" + recipient.replaceAll("\\D", "") + "@lastcall.example";
  }

  private static void check(long seed, Map<String, SendOutcome> outcomes, FuzzMailServer server) {
    Map<String, List<Dot>> dots = new TreeMap<>();
    server.dots.forEach(dot -> dots.computeIfAbsent(dot.id(), id -> new ArrayList<>()).add(dot));
    Map<String, Integer> counts = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    outcomes.forEach((id, outcome) -> {
      List<Dot> own = dots.getOrDefault(id, List.of());
      List<Meaning> meanings = own.stream().map(Dot::meaning).toList();
      counts.merge(outcome.word() + " " + meanings, 1, Integer::sum);
      boolean sent = outcome instanceof SendOutcome.Sent;
      boolean taken = own.stream().anyMatch(dot -> dot.meaning() == Meaning.YES && dot.inStep());
      boolean perhaps = own.stream().anyMatch(dot -> dot.meaning() != Meaning.NO);
      boolean unknown = outcome instanceof SendOutcome.Unknown; // after a stall of ours, say
      boolean others = own.stream().anyMatch(dot -> !dot.id().equals(idOf(dot.recipient())));
      if (sent && !perhaps
          || taken && !sent && !unknown
          || own.stream().filter(dot -> dot.meaning() == Meaning.YES && dot.inStep()).count() > 1
          || others
          || outcome instanceof SendOutcome.NotSent
          || outcome instanceof SendOutcome.Failed) {
        wrong.add(outcome + " " + own);
      }
    });
    System.out.println(counts);
    assertEquals(List.of(), wrong.stream().limit(5).toList(), () -> "-Dlastcall.seed=" + seed);
    assertTrue(counts.getOrDefault("sent [YES]", 0) > SENDS / 10, counts::toString);
  }

  /** What the outbox makes of it: once the server behaves, the gate opens and each e-mail ends. */
  @Test
  void onceTheServerBehavesEachEmailEnds() throws Exception {
    long seed = HttpFuzz.seed("onceTheServerBehavesEachEmailEnds");
    try (FuzzMailServer server = new FuzzMailServer(seed, false);
        ServiceProcess service =
            ServiceProcess.start(
                directory,
                "smtp.host=127.0.0.1",
                "smtp.tls=none",
                "smtp.port=" + server.port(),
                "smtp.timeout=300ms",
                "smtp.dot-timeout=500ms",
                "delivery.concurrency=8",
                "delivery.max-attempts=1000",
                "delivery.backoff.initial=10ms",
                "delivery.backoff.max=50ms")) {
      Rows rows = service.rows();
      try (SignupClient client = new SignupClient(service.port())) {
        for (int i = 0; i < MAILS; i++) {
          assertEquals(202, client.signUp("ann" + i + "@example.org").status());
        }
      }
      ServiceWatch watch = new ServiceWatch(service);
      ServiceWatch.await("some dots while it is wild", () -> server.dots.size() >= MAILS / 4);
      server.behave();
      ServiceWatch.await("each e-mail has ended", () -> ended(rows));
      System.out.println(server.said());
      Set<String> sent = rows.select("SELECT id FROM outbox WHERE state = 'sent'");
      System.out.println(sent.size() + " of " + MAILS + " sent");
      for (String id : rows.select("SELECT id FROM outbox")) {
        List<Dot> own = server.dots.stream().filter(dot -> dot.id().equals(id)).toList();
        boolean perhaps = own.stream().anyMatch(dot -> dot.meaning() != Meaning.NO);
        assertTrue(!sent.contains(id) || perhaps, () -> "-Dlastcall.seed=" + seed + " " + own);
      }
      assertEquals(0, rows.count("outbox WHERE state <> 'sent' AND last_error IS NULL"));
      assertTrue(sent.size() > MAILS / 2, "few were sent: " + sent.size());
      watch.assertLogIsCalm();
      service.signal("TERM");
      assertEquals(0, service.awaitExit());
      ServiceWatch.await("no connection", () -> !server.hasConnections());
    }
  }

  /** Those that wait for minutes, since their final dot had no answer, need not wait here. */
  private static boolean ended(Rows rows) {
    try {
      rows.update("UPDATE outbox SET due_at = 0 WHERE state = 'due' AND owner IS NULL");
      return rows.count("outbox WHERE state = 'due'") == 0;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
