package lastcall.catcher;

import static lastcall.mail.MailFixture.failure;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import lastcall.catcher.Trouble.Kind;
import lastcall.catcher.Trouble.Step;
import lastcall.mail.AngusMailer;
import lastcall.mail.MailFixture;
import lastcall.mail.SendOutcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each trouble as a real client sees it. */
final class TroubleTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir Path directory;
  private EmbeddedMail server;

  @BeforeEach
  void start() throws IOException {
    server = new EmbeddedMail(directory, 0, Duration.ZERO);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private void trouble(Step at, Kind kind, String reply, int next) {
    server.trouble().set(new Trouble(Duration.ZERO, at, kind, reply, 1, next));
  }

  private SendOutcome send(String id) {
    return send(id, MailFixture.GUARD);
  }

  private SendOutcome send(String id, Duration timeout) {
    try (AngusMailer mailer = mailer(server.port(), timeout)) {
      return mailer.send(mail(id), () -> true);
    }
  }

  @Test
  void refusesTheNextRecipientsAndThenNoMore() {
    trouble(Step.RCPT, Kind.REFUSE, "550 5.1.1 nobody", 2);
    try (AngusMailer mailer = mailer(server.port())) {
      for (int left = 2; left > 0; left--) {
        assertEquals(left, server.trouble().now().next());
        SendOutcome outcome = mailer.send(mail("m" + left), () -> true);
        assertEquals(550, failure(assertInstanceOf(SendOutcome.Refused.class, outcome)).code());
      }
      assertEquals(Trouble.NONE, server.trouble().now());
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("m2"), () -> true));
    }
    assertEquals(1, server.mailbox().size());
  }

  @Test
  void refusesAfterTheDotAndKeepsNothing() {
    trouble(Step.DOT, Kind.REFUSE, "451 4.7.1 greylisted", 1);
    SendOutcome outcome = send("m");
    assertEquals(451, failure(assertInstanceOf(SendOutcome.Deferred.class, outcome)).code());
    assertEquals(0, server.mailbox().size());
    assertInstanceOf(SendOutcome.Sent.class, send("m"));
  }

  @Test
  void a421EndsTheConversationAnywhere() {
    for (Step at : Step.values()) {
      trouble(at, Kind.REFUSE, "421 4.3.2 come back later", 1);
      SendOutcome outcome = send("m");
      assertEquals(421, failure(assertInstanceOf(SendOutcome.ServerTrouble.class, outcome)).code());
    }
    assertEquals(0, server.mailbox().size());
  }

  @Test
  void dropsTheConnection() {
    for (Step at : List.of(Step.CONNECT, Step.RCPT)) {
      trouble(at, Kind.DROP, "", 1);
      assertInstanceOf(SendOutcome.ServerTrouble.class, send("m"));
    }
    assertEquals(0, server.mailbox().size());
    trouble(Step.DOT, Kind.DROP, "", 1);
    assertInstanceOf(SendOutcome.Unknown.class, send("m"));
    assertEquals(1, server.mailbox().size(), "only the answer is lost");
  }

  @Test
  void fallsSilentAndTheEmailComesTwice() {
    trouble(Step.DOT, Kind.SILENCE, "", 1);
    assertInstanceOf(SendOutcome.Unknown.class, send("m", SHORT));
    assertInstanceOf(SendOutcome.Sent.class, send("m"));
    MailFile second = server.mailbox().find("m@lastcall.example.2");
    assertEquals(2, server.mailbox().copies(server.mailbox().head(second)));
    for (Step at : List.of(Step.CONNECT, Step.RCPT)) {
      trouble(at, Kind.SILENCE, "", 1);
      assertInstanceOf(SendOutcome.ServerTrouble.class, send("m", SHORT));
    }
  }

  @Test
  void delaysTheAnswerToTheDot() {
    server.trouble().set(Trouble.delay(SHORT));
    long begin = System.nanoTime();
    assertInstanceOf(SendOutcome.Sent.class, send("m"));
    assertTrue(System.nanoTime() - begin >= SHORT.toNanos());
    server.trouble().set(Trouble.delay(Duration.ofHours(1)));
    assertInstanceOf(SendOutcome.Unknown.class, send("n", SHORT));
    assertEquals(1, server.mailbox().size());
  }

  @Test
  void hitsItsShare() throws InterruptedException {
    TroubleMaker maker = new TroubleMaker((to, text) -> Answer.line("250 taken"), new Random(12));
    maker.set(Trouble.NONE.refusing(Step.DOT, "451 later", 0.25));
    int refused = 0;
    for (int i = 0; i < 1_000; i++) {
      refused += maker.accept(List.of(), new byte[0]).equals(Answer.line("451 later")) ? 1 : 0;
    }
    assertTrue(refused > 150 && refused < 350, "of 1000: " + refused);
  }
}
