package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static lastcall.mail.MailFixture.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig.Tls;
import lastcall.kinds.MailKinds;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which connections are kept, and for how long. */
class PoolTest {
  private ScriptedSmtpServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedSmtpServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void sent(AngusMailer mailer, String id) {
    assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail(id), () -> true));
  }

  @Test
  void oneConnectionServesManyMailsButNotMoreThanItsShare() {
    try (AngusMailer mailer = mailer(server.port())) {
      for (int i = 0; i < TransportPool.MAX_MESSAGES; i++) {
        sent(mailer, "m" + i);
      }
      assertEquals(1, server.reached(Step.CONNECT));
      assertEquals(0, mailer.connections(), "it has had its share");
      sent(mailer, "last");
      assertEquals(2, server.reached(Step.CONNECT));
      assertEquals(1, mailer.connections(), "kept");
    }
    assertEquals(0, server.reached(Step.NOOP));
    assertEquals(TransportPool.MAX_MESSAGES + 1, server.countsById().size());
  }

  @Test
  void aSendThatCouldNotBeBoundedLeavesNothingBehind() {
    AngusMailer mailer = mailer(server.port());
    mailer.timer.shutdown(); // as where there is no memory for its thread
    assertThrows(RejectedExecutionException.class, () -> mailer.send(mail("a"), () -> true));
    assertEquals(Set.of(), mailer.inFlight);
  }

  /** The time after which idle connections are closed can't be noted either. */
  @Test
  void aConnectionThatCouldNotBeKeptIsClosed() throws Exception {
    AtomicReference<AngusMailer> breaking = new AtomicReference<>();
    SmtpListener breaks =
        new SmtpListener() {
          @Override
          public void awaiting(SmtpPhase phase) {
            if (phase == SmtpPhase.DOT) {
              breaking.get().timer.shutdown();
            }
          }

          @Override
          public void answered(SmtpPhase phase, int code) {}
        };
    breaking.set(
        new AngusMailer(
            smtp(Tls.NONE, GUARD, null), "127.0.0.1", server.port(), 8, MailKinds.ALL, breaks));
    sent(breaking.get(), "a");
    server.awaitNoConnections(GUARD);
    assertEquals(Set.of(), breaking.get().inFlight);
  }

  @Test
  void aRefusedMailDoesNotCostTheConnection() {
    server.on(Step.RCPT, Action.reply("550 5.1.1 unknown"), 1);
    server.on(Step.DOT, Action.reply("451 4.7.1 later"), 1);
    try (AngusMailer mailer = mailer(server.port())) {
      assertInstanceOf(SendOutcome.Refused.class, mailer.send(mail("a"), () -> true));
      assertInstanceOf(SendOutcome.Deferred.class, mailer.send(mail("b"), () -> true));
      sent(mailer, "c");
    }
    assertEquals(1, server.reached(Step.CONNECT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"421 4.4.2 idle for too long", ""})
  void aStaleConnectionIsReplacedForFree(String reply) {
    try (AngusMailer mailer = mailer(server.port())) {
      sent(mailer, "a");
      server.on(Step.MAIL, reply.isEmpty() ? Action.close() : Action.reply(reply), 1);
      sent(mailer, "b");
      assertEquals(2, server.reached(Step.CONNECT));
      server.on(Step.MAIL, reply.isEmpty() ? Action.close() : Action.reply(reply), 2);
      assertInstanceOf(SendOutcome.ServerTrouble.class, mailer.send(mail("c"), () -> true));
      assertEquals(3, server.reached(Step.CONNECT), "one retry, not two");
    }
  }

  /** A server's limit for one session shows itself in any phase. No attempt is used up. */
  @ParameterizedTest
  @CsvSource({
    "MAIL, 450 4.7.1 too much mail",
    "RCPT, 421 too many messages",
    "RCPT, ",
    "DATA, 452 4.4.5 Maximum number of messages per session exceeded",
    "DATA, ",
    "DOT,  452 4.3.1 later"
  })
  void aConnectionThatIsUsedUpIsReplacedForFree(Step step, @Nullable String reply) {
    Action action = reply == null ? Action.close() : Action.reply(reply);
    try (AngusMailer mailer = mailer(server.port())) {
      sent(mailer, "a");
      server.on(step, action, 1);
      sent(mailer, "b");
      assertEquals(2, server.reached(Step.CONNECT));
      server.on(step, action, 2);
      assertInstanceOf(SendOutcome.ServerTrouble.class, mailer.send(mail("c"), () -> true));
      assertEquals(3, server.reached(Step.CONNECT), "one retry, not two");
    }
    assertEquals(2, server.countsById().size());
  }

  @Test
  void aRestartedServerIsNotNoticed() throws IOException {
    try (AngusMailer mailer = mailer(server.port())) {
      sent(mailer, "a");
      server.down();
      server.up();
      sent(mailer, "b");
    }
  }

  @Test
  void idleConnectionsAreEndedPolitely() throws InterruptedException {
    AngusMailer mailer =
        new AngusMailer(
            smtp(Tls.NONE, GUARD, null),
            "127.0.0.1",
            server.port(),
            8,
            MailKinds.ALL,
            Duration.ofMillis(50),
            (SSLSocketFactory) SSLSocketFactory.getDefault(),
            SmtpListener.NONE);
    try (mailer) {
      sent(mailer, "a");
      server.awaitReached(Step.QUIT, 1, GUARD);
      sent(mailer, "b");
      assertEquals(2, server.reached(Step.CONNECT));
    }
  }

  @Test
  void closeEndsTheKeptConnectionsAndLaterSends() throws InterruptedException {
    AngusMailer mailer = mailer(server.port());
    sent(mailer, "a");
    mailer.close();
    server.awaitReached(Step.QUIT, 1, GUARD);
    assertInstanceOf(SendOutcome.NotSent.class, mailer.send(mail("b"), () -> true));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void slowAnswersDoNotHoldEachOtherUp(boolean virtual)
      throws InterruptedException, ExecutionException, TimeoutException {
    int senders = 8;
    server.always(Step.DOT, Action.silence());
    List<Future<SendOutcome>> results = new ArrayList<>();
    try (AngusMailer mailer = mailer(server.port());
        ExecutorService threads =
            virtual
                ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newCachedThreadPool()) {
      for (int i = 0; i < senders; i++) {
        OutgoingMail mail = mail("m" + i);
        if (!virtual || Runtime.version().feature() >= 24 || i < 1) { // Angus's monitors pin
          results.add(threads.submit(() -> mailer.send(mail, () -> true)));
        }
      }
      server.awaitReached(Step.DOT, results.size(), GUARD);
      mailer.cutAll();
      for (Future<SendOutcome> result : results) {
        assertInstanceOf(
            SendOutcome.Unknown.class, result.get(GUARD.toSeconds(), TimeUnit.SECONDS));
      }
    }
    assertTrue(server.maxConcurrentSends() <= senders);
  }
}
