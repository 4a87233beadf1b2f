package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.failure;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static lastcall.mail.MailFixture.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig.Tls;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the program knows about a failure stands in the log and in the row. */
class FailureReasonTest {
  private static final SSLSocketFactory USUAL = (SSLSocketFactory) SSLSocketFactory.getDefault();

  private static SmtpFailure send(int port, Tls tls, Duration timeout, String user) {
    try (AngusMailer mailer =
        mailer(port, smtp(tls, timeout, user.isEmpty() ? null : user), USUAL)) {
      SendOutcome outcome = mailer.send(mail("a"), () -> true);
      return failure(assertInstanceOf(SendOutcome.ServerTrouble.class, outcome));
    }
  }

  /** Answers the client's first bytes with these, and closes the connection. */
  private static SmtpFailure handshakeAnsweredWith(String hex) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
      Thread answering =
          Thread.startVirtualThread(() -> {
            try (Socket socket = server.accept();
                InputStream in = socket.getInputStream()) {
              in.read(new byte[8192]);
              socket.getOutputStream().write(HexFormat.of().parseHex(hex));
              socket.shutdownOutput();
              in.readAllBytes();
            } catch (IOException e) {
              // the client was quicker to leave
            }
          });
      SmtpFailure failure = send(server.getLocalPort(), Tls.TLS, GUARD, "");
      assertEquals(SmtpPhase.STARTTLS, failure.phase());
      answering.join(GUARD);
      return failure;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "15030100020246, no TLS version in common",
    "15030300020228, TLS handshake failed: handshake_failure",
    "15030300020270, TLS handshake failed: unrecognized_name",
    "'', connection lost",
    "323230206869, the server speaks no TLS on this port (smtp.tls=starttls?)",
  })
  void handshakes(String answer, String reason) throws Exception {
    assertEquals(reason, handshakeAnsweredWith(answer).reason());
  }

  @Test
  void aServerThatWaitsForTls() throws IOException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer()) {
      server.always(Step.CONNECT, Action.silence());
      SmtpFailure failure = send(server.port(), Tls.STARTTLS, Duration.ofSeconds(1), "");
      // On a machine that stands still a silence of 1 s may last three times as long.
      assertTrue(
          List.of("no greeting within 1s (smtp.tls=tls?)", "not finished within 3s")
              .contains(failure.reason()),
          failure.reason());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AUTH CRAM-MD5 XOAUTH2, CRAM-MD5 XOAUTH2",
    "AUTH CRAM-MD5 ann@example.org <b>, CRAM-MD5",
    "AUTH=CRAM-MD5, ''",
    "AUTH, ''",
  })
  void mechanisms(String line, String told) throws IOException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer()) {
      server.always(Step.EHLO, Action.reply("250-x\r\n250 " + line));
      SmtpFailure failure = send(server.port(), Tls.NONE, GUARD, "ann");
      String reason =
          line.contains("=")
              ? "AUTH not offered"
              : "no AUTH mechanism in common: server has " + (told.isEmpty() ? "none" : told);
      assertEquals(reason, failure.reason());
      assertEquals(reason, failure.text());
    }
  }

  @Test
  void theNamesOfMechanismsAreBounded() throws IOException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer()) {
      server.always(Step.EHLO, Action.reply("250-x\r\n250 AUTH" + " ABC".repeat(1_000)));
      assertEquals(
          "no AUTH mechanism in common: server has" + " ABC".repeat(8),
          send(server.port(), Tls.NONE, GUARD, "ann").reason());
    }
  }

  @Test
  void aStrangeGreeting() throws IOException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer()) {
      server.always(Step.CONNECT, Action.reply("250 hello"));
      SmtpFailure failure = send(server.port(), Tls.NONE, GUARD, "");
      assertEquals("250 unexpected", failure.reason());
      assertEquals("250 unexpected: hello", failure.text());
    }
  }

  @Test
  void datesOfACertificate() {
    assertEquals(
        "certificate expired (NotAfter: Thu Jan 01 00:00:00 UTC 2026)",
        FailureReason.ofThrown(
            SmtpPhase.STARTTLS,
            220,
            new CertificateExpiredException("NotAfter: Thu Jan 01 00:00:00 UTC 2026"),
            GUARD));
    assertEquals(
        "certificate not valid yet (NotBefore: Thu Jan 01 00:00:00 UTC 2026)",
        FailureReason.ofThrown(
            SmtpPhase.STARTTLS,
            220,
            new CertificateNotYetValidException("NotBefore: Thu Jan 01 00:00:00 UTC 2026"),
            GUARD));
  }
}
