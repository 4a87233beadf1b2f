package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lastcall.admin.Filter;
import lastcall.admin.OutboxAdmin;
import lastcall.admin.State;
import lastcall.config.AppConfig;
import lastcall.drill.LogLine;
import lastcall.drill.Rows;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;

/** A mail server that is down, silent, or says no. */
final class SmtpTroubleTest extends ServiceTest {
  /** What was refused or given up is sent again, as by {@code lastcall outbox retry}. */
  private long sendAgain() throws Exception {
    AppConfig.Store store = AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
    long mails = 0;
    try (OutboxAdmin admin = new OutboxAdmin(store)) {
      for (State state : List.of(State.REFUSED, State.EXHAUSTED)) {
        mails +=
            admin
                .changeAll(lastcall.admin.Action.RETRY, Filter.of(state), "test", done -> true)
                .mails();
      }
    }
    return mails;
  }

  /**
   * Two services side by side, one without its mail server, and each client signs up at both in
   * turn: so a stall hits both alike, and the medians compare. A sign-up that waited for SMTP in
   * any way would show. Without a mail server it takes less, since nothing is sent beside it.
   */
  @Test
  @Proves("P5")
  void anOutageSlowsNoSignupAndUsesUpNoAttempt() throws Exception {
    try (ScriptedSmtpServer away = new ScriptedSmtpServer();
        ServiceProcess with = start();
        ServiceProcess without =
            ServiceProcess.start(
                Files.createDirectory(directory.resolve("without")),
                "smtp.host=127.0.0.1",
                "smtp.tls=none",
                "smtp.port=" + away.port())) {
      away.down();
      signUpAtBoth(with.port(), without.port(), "warm");
      LogLine trouble = without.await("mail server in trouble, probing");
      assertEquals("127.0.0.1", trouble.get("host"));
      assertEquals(away.port(), trouble.number("port"));
      assertEquals("CONNECT", trouble.get("phase"));
      assertEquals("connection refused", trouble.get("reason"));
      double ratio = signUpAtBoth(with.port(), without.port(), "measured");
      System.out.println("a sign-up without the mail server, by one with it: " + ratio);
      assertTrue(ratio < 1.5, () -> "sign-ups are slower without the mail server: " + ratio);
      assertEquals(0, away.accepted().size());
      away.up();
      without.await("mail server works again");
      for (ServiceProcess service : List.of(with, without)) {
        assertEquals(0, term(service));
        assertEquals(800, service.rows().count("outbox WHERE state = 'sent' AND attempts = 1"));
      }
      assertEquals(800, away.accepted().size());
      assertEquals(recipients(), recipients(away));
    }
  }

  @Test
  @Proves("P5")
  void theDrainSaysThatItWaitsForTheMailServer() throws Exception {
    smtp.down();
    try (ServiceProcess service = start("shutdown.deadline=5s", "shutdown.request-grace=500ms")) {
      signUp(service, 3);
      service.await("mail server in trouble, probing");
      assertEquals(75, term(service));
      assertEquals(3, service.await("waiting for the mail server").number("pending"));
      assertEquals(List.of(), service.log("still sending"), "no rate of nothing");
    }
  }

  /** 400 sign-ups at each, by 8 clients; the median of what one took there, by that of here. */
  private static double signUpAtBoth(int here, int there, String name) throws Exception {
    List<Future<List<long[]>>> all = new ArrayList<>();
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < 8; client++) {
        String prefix = name + client + ".";
        Callable<List<long[]>> posts = () -> signUpInTurn(here, there, prefix);
        all.add(clients.submit(posts));
      }
    }
    List<long[]> took = new ArrayList<>();
    for (Future<List<long[]>> one : all) {
      took.addAll(one.get());
    }
    long[] medians = new long[2];
    for (int which = 0; which < 2; which++) {
      int at = which;
      medians[at] =
          took.stream().mapToLong(pair -> pair[at]).sorted().skip(200).findFirst().orElseThrow();
    }
    return (double) medians[1] / medians[0];
  }

  private static List<long[]> signUpInTurn(int here, int there, String prefix) throws IOException {
    List<long[]> took = new ArrayList<>();
    try (SignupClient first = new SignupClient(here);
        SignupClient second = new SignupClient(there)) {
      for (int i = 0; i < 50; i++) {
        String email = prefix + i + "@example.org";
        long begun = System.nanoTime();
        assertEquals(202, first.signUp(email).status());
        long between = System.nanoTime();
        assertEquals(202, second.signUp(email).status());
        took.add(new long[] {between - begun, System.nanoTime() - between});
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
        start("smtp.dot-timeout=1s", "shutdown.deadline=4s", "shutdown.request-grace=500ms")) {
      accepted = signUp(service, 1);
      LogLine unknown = service.await("welcome e-mail unknown");
      assertTrue(unknown.millis("again_in") >= 60_000, unknown::text);
      accepted.addAll(signUp(service, 19, "next")); // the last of these is not unknown at TERM
      assertEquals(75, term(service));
      LogLine stopped = service.await("stopped server");
      assertTrue(stopped.millis("took") < 5500, stopped::text); // beyond it ends by force, not 75
      Rows rows = service.rows();
      assertEquals(20, rows.count("outbox WHERE state = 'due' AND owner IS NULL"));
      int tried = rows.count("outbox WHERE attempts = 1 AND last_error IS NOT NULL");
      assertTrue(tried > 0, "unknown ones keep their attempt");
      assertEquals(20, tried + rows.count("outbox WHERE attempts = 0"));
      rows.update("UPDATE outbox SET due_at = 0"); // not to wait for a minute
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
      assertEquals(2, sendAgain());
      accepted.addAll(Set.of("later@example.org", "next@example.org"));
      smtp.on(Step.RCPT, Action.reply("550 5.1.1 no such user"), 1);
      try (ServiceProcess next = start()) {
        next.await("welcome e-mail sent");
        next.await("welcome e-mail refused");
        while (sendAgain() == 0) { // until its result is committed
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
