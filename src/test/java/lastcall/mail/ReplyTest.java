package lastcall.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.failure;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static lastcall.mail.MailFixture.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import lastcall.config.AppConfig.Tls;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import lastcall.testing.TestCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replies of any length and with any characters. */
class ReplyTest {
  private static final String TOO_LONG = "reply longer than 64 KiB";

  /** Far too long, and yet they end: who has no limit takes them. */
  private static final List<String> LONG =
      List.of(
          ("250-" + "x".repeat(500) + "\r\n").repeat(2_000) + "250 end",
          "250-\r\n".repeat(100_000) + "250 end",
          "250 " + "x".repeat(1_000_000),
          "x".repeat(1_000_000));

  private ScriptedSmtpServer server;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedSmtpServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECT, ServerTrouble, GREETING",
    "EHLO,    ServerTrouble, EHLO",
    "MAIL,    ServerTrouble, MAIL",
    "RCPT,    ServerTrouble, RCPT",
    "DATA,    ServerTrouble, DATA",
    "DOT,     Unknown,       DOT",
  })
  void aReplyWithoutEndIsCutOff(Step step, String outcome, SmtpPhase phase) {
    for (String reply : LONG) {
      server.behave();
      server.always(step, Action.reply(reply));
      try (AngusMailer mailer = mailer(server.port())) {
        SendOutcome result = mailer.send(mail("a"), () -> true);
        assertEquals(outcome, result.getClass().getSimpleName());
        assertEquals(phase, failure(result).phase());
        assertEquals(0, failure(result).code());
        assertEquals(TOO_LONG, failure(result).reason());
        assertEquals(TOO_LONG, failure(result).text());
      }
    }
  }

  @Test
  void belowTlsToo(@TempDir Path directory) throws Exception {
    TestCertificate certificate = new TestCertificate(directory.resolve("test.p12"));
    for (Tls tls : List.of(Tls.STARTTLS, Tls.TLS)) {
      try (ScriptedSmtpServer secure = new ScriptedSmtpServer()) {
        if (tls == Tls.TLS) {
          secure.serveTls(certificate.context());
        } else {
          secure.offerStartTls(certificate.context());
        }
        secure.always(Step.RCPT, Action.reply(LONG.getFirst()));
        try (AngusMailer mailer =
            mailer(
                secure.port(), smtp(tls, GUARD, null), certificate.context().getSocketFactory())) {
          SendOutcome result = mailer.send(mail("a"), () -> true);
          assertInstanceOf(SendOutcome.ServerTrouble.class, result);
          assertEquals(SmtpPhase.RCPT, failure(result).phase());
          assertEquals(TOO_LONG, failure(result).reason());
        }
      }
    }
  }

  /** Or an e-mail would count as sent that the server has refused, with the extra replies. */
  @ParameterizedTest
  @CsvSource({
    "CONNECT, '220 hello\r\n250 ehlo\r\n250 sender\r\n250 recipient\r\n354 text\r\n250 sent'",
    "MAIL,    '250 sender\r\n250 recipient\r\n354 text\r\n250 sent'",
    "RCPT,    '250 recipient\r\n354 text\r\n250 sent'",
    "DATA,    '354 text\r\n250 sent'",
  })
  void aReplyThatCameBeforeItsCommandIsNotItsAnswer(Step step, String replies) {
    server.on(step, Action.reply(replies.translateEscapes()), 1);
    server.always(Step.DOT, Action.reply("550 5.6.0 refused"));
    try (AngusMailer mailer = mailer(server.port())) {
      SendOutcome result = mailer.send(mail("a"), () -> true);
      assertFalse(result instanceof SendOutcome.Sent, "the server has not taken it");
    }
    assertEquals(List.of(), server.accepted());
  }

  /** The next e-mail gets a connection that is in step. */
  @Test
  void aReplyTooManyCostsTheConnection() {
    server.on(
        Step.DOT,
        Action.reply("250 taken\r\n250 more\r\n250 more\r\n354 text\r\n250 sent").andAccept(),
        1);
    try (AngusMailer mailer = mailer(server.port())) {
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("a"), () -> true));
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("b"), () -> true));
    }
    assertEquals(2, server.accepted().size());
    assertEquals(2, server.reached(Step.CONNECT));
  }

  /** Each reply has the whole limit for itself, and the connection can be kept. */
  @Test
  void manyRepliesOnOneConnection() {
    server.always(Step.NOOP, Action.reply("250 fine"));
    server.always(Step.RCPT, Action.reply("250-" + "x".repeat(10_000) + "\r\n250 recipient"));
    try (AngusMailer mailer = mailer(server.port())) {
      for (int i = 0; i < 20; i++) {
        assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("a" + i), () -> true));
      }
    }
    assertEquals(1, server.reached(Step.CONNECT));
  }

  private SmtpFailure refused(byte[] text) {
    server.behave();
    server.always(Step.RCPT, Action.reply("550 5.1.1 " + new String(text, ISO_8859_1)));
    try (AngusMailer mailer = mailer(server.port())) {
      SendOutcome result = mailer.send(mail("a"), () -> true);
      assertEquals(
          "5.1.1", failure(assertInstanceOf(SendOutcome.Refused.class, result)).enhanced());
      return failure(result);
    }
  }

  private void assertRow(String expected, byte[] reply) {
    assertEquals("550 recipient refused: 5.1.1 " + expected, refused(reply).text());
  }

  @Test
  void utf8IsReadAsUtf8AndTheRestAsLatin1() {
    String text = "Uživatel nenalezen – übel 😀";
    assertRow(text, text.getBytes(UTF_8));
    assertRow("unbekannter Empfänger", "unbekannter Empfänger".getBytes(ISO_8859_1));
  }

  @Test
  void utf8AddsNothingToTheCommands() {
    server.always(Step.EHLO, Action.reply("250-scripted\r\n250-8BITMIME\r\n250 SMTPUTF8"));
    try (AngusMailer mailer = mailer(server.port())) {
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("a"), () -> true));
    }
    assertFalse(server.commands().stream().anyMatch(line -> line.contains("SMTPUTF8")));
  }

  @Test
  void controlCharactersDoNotReachTheRow() {
    assertRow("no such user", "no\0such\u001b\u0007\tuser\u007f".getBytes(UTF_8));
    assertRow("a b c d", "a\u202eb\u2028c\u0085d".getBytes(UTF_8)); // turns; ends of line
    assertRow("a b", new byte[] {'a', (byte) 0x9b, (byte) 0x85, 'b'}); // Latin-1's controls
  }

  @Test
  void theLinesOfAReplyBecomeOne() {
    server.always(
        Step.RCPT, Action.reply("550-5.1.1 no such user\r\n550-5.1.1 here\r\n550 550 Elm St"));
    try (AngusMailer mailer = mailer(server.port())) {
      SmtpFailure failure = failure(mailer.send(mail("a"), () -> true));
      assertEquals(
          "550 recipient refused: 5.1.1 no such user 5.1.1 here 550 Elm St", failure.text());
    }
  }

  @Test
  void noCharacterIsHalved() {
    for (int before = 450; before < 500; before++) {
      String text = refused(("x".repeat(before) + "😀".repeat(50)).getBytes(UTF_8)).text();
      assertTrue(text.length() >= 499 && text.length() <= 500, () -> "" + text.length());
      assertEquals(text, new String(text.getBytes(UTF_8), UTF_8));
    }
  }

  @Test
  void whatIsNoSmtpIsInTheRowAndNotInTheLog() {
    server.always(Step.CONNECT, Action.reply("HTTP/1.1 400 Bad Request"));
    try (AngusMailer mailer = mailer(server.port())) {
      SmtpFailure failure = failure(mailer.send(mail("a"), () -> true));
      assertEquals("answer is no SMTP", failure.reason());
      assertEquals("answer is no SMTP: HTTP/1.1 400 Bad Request", failure.text());
    }
  }
}
