package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import lastcall.kinds.MailKinds;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long the answer to the final dot is waited for. */
final class DotTimeoutTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private ScriptedSmtpServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedSmtpServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  /** The answer to the dot may take longer than any other. */
  @Test
  void theDotHasATimeoutOfItsOwn() throws InterruptedException {
    AppConfig.Smtp smtp =
        new AppConfig.Smtp(
            "localhost",
            25,
            null,
            null,
            Tls.NONE,
            "hello@lastcall.example",
            null,
            SHORT,
            GUARD,
            SHORT);
    server.on(Step.DOT, Action.silence(), 1);
    try (AngusMailer mailer =
        new AngusMailer(smtp, "127.0.0.1", server.port(), 1, MailKinds.ALL, SmtpListener.NONE)) {
      CompletableFuture<SendOutcome> outcome =
          CompletableFuture.supplyAsync(() -> mailer.send(mail("a"), () -> true));
      server.awaitReached(Step.DOT, 1, GUARD);
      long began = System.nanoTime();
      TestDatabase.await(
          "four timeouts", () -> System.nanoTime() - began > SHORT.multipliedBy(4).toNanos());
      assertFalse(outcome.isDone());
      mailer.cutAll();
      assertInstanceOf(SendOutcome.Unknown.class, outcome.join());
    }
  }

  @Test
  void dribblingAfterTheDotIsUnknown() {
    server.always(Step.DOT, Action.dribble());
    try (AngusMailer mailer = mailer(server.port(), SHORT)) {
      assertInstanceOf(SendOutcome.Unknown.class, mailer.send(mail("a"), () -> true));
    }
  }
}
