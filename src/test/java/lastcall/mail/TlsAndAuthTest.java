package lastcall.mail;

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
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig.Tls;
import lastcall.kinds.MailKinds;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import lastcall.testing.TestCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No password and no mail goes where it should not. */
class TlsAndAuthTest {
  private static SSLSocketFactory trusting;
  private static TestCertificate certificate;
  private ScriptedSmtpServer server;

  @BeforeAll
  static void makeCertificate(@TempDir Path directory) throws IOException, InterruptedException {
    certificate = new TestCertificate(directory.resolve("test.p12"));
    trusting = certificate.context().getSocketFactory();
  }

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedSmtpServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private SendOutcome send(Tls tls, @Nullable String user, SSLSocketFactory factory) {
    try (AngusMailer mailer = mailer(server.port(), smtp(tls, GUARD, user), factory)) {
      return mailer.send(mail("a"), () -> true);
    }
  }

  private void assertTrouble(SmtpPhase phase, String reason, SendOutcome outcome) {
    assertInstanceOf(SendOutcome.ServerTrouble.class, outcome);
    assertEquals(phase, failure(outcome).phase());
    assertEquals(reason, failure(outcome).reason(), failure(outcome)::text);
    assertEquals(0, server.countsById().size());
  }

  private boolean sawPassword() {
    return server.commands().stream().anyMatch(line -> line.startsWith("AUTH"));
  }

  @Test
  void startTlsAndLogin() {
    server.offerStartTls(certificate.context());
    server.requireAuth("ann", "secret");
    assertInstanceOf(SendOutcome.Sent.class, send(Tls.STARTTLS, "ann", trusting));
    assertEquals(1, server.reached(Step.STARTTLS));
    assertEquals(1, server.reached(Step.AUTH));
  }

  @Test
  void implicitTlsAndLogin() {
    server.serveTls(certificate.context());
    server.requireAuth("ann", "secret");
    assertInstanceOf(SendOutcome.Sent.class, send(Tls.TLS, "ann", trusting));
    assertEquals(1, server.reached(Step.AUTH));
  }

  @Test
  void withoutStartTlsNoPasswordIsSent() {
    server.requireAuth("ann", "secret");
    assertTrouble(
        SmtpPhase.EHLO,
        "STARTTLS is required but not offered",
        send(Tls.STARTTLS, "ann", trusting));
    assertFalse(sawPassword());
  }

  @Test
  void aRefusedStartTlsDoesNotGoOnInClear() {
    server.offerStartTls(certificate.context());
    server.requireAuth("ann", "secret");
    server.always(Step.STARTTLS, Action.reply("454 4.7.0 not now"));
    assertTrouble(SmtpPhase.STARTTLS, "454 STARTTLS refused", send(Tls.STARTTLS, "ann", trusting));
    assertFalse(sawPassword());
  }

  @Test
  void anUntrustedCertificateIsTheServersTrouble() {
    SSLSocketFactory usual = (SSLSocketFactory) SSLSocketFactory.getDefault();
    server.offerStartTls(certificate.context());
    server.requireAuth("ann", "secret");
    assertTrouble(SmtpPhase.STARTTLS, "certificate not trusted", send(Tls.STARTTLS, "ann", usual));
    assertFalse(sawPassword());
  }

  @Test
  void anUntrustedCertificateWithImplicitTlsToo() {
    server.serveTls(certificate.context());
    SSLSocketFactory usual = (SSLSocketFactory) SSLSocketFactory.getDefault();
    assertTrouble(SmtpPhase.STARTTLS, "certificate not trusted", send(Tls.TLS, "ann", usual));
  }

  @Test
  void theNameInTheCertificateCounts() throws IOException, InterruptedException {
    for (Tls tls : new Tls[] {Tls.STARTTLS, Tls.TLS}) {
      try (ScriptedSmtpServer other = new ScriptedSmtpServer();
          AngusMailer mailer =
              new AngusMailer(
                  smtp(tls, GUARD, null),
                  "127.0.0.1",
                  other.port(),
                  1,
                  MailKinds.ALL,
                  GUARD,
                  trusting,
                  SmtpListener.NONE)) {
        if (tls == Tls.TLS) {
          other.serveTls(certificate.context());
        } else {
          other.offerStartTls(certificate.context());
        }
        assertTrouble(
            SmtpPhase.STARTTLS,
            "certificate is not for 127.0.0.1",
            mailer.send(mail("a"), () -> true));
        assertEquals(0, other.reached(Step.MAIL));
      }
    }
  }

  @Test
  void aServerWithoutAuthGetsNoMail() {
    assertTrouble(SmtpPhase.AUTH, "AUTH not offered", send(Tls.NONE, "ann", trusting));
    assertEquals(0, server.reached(Step.MAIL));
  }

  @Test
  void aWrongPasswordIsTheServersTrouble() {
    server.requireAuth("ann", "other");
    SendOutcome outcome = send(Tls.NONE, "ann", trusting);
    assertTrouble(SmtpPhase.AUTH, "535 login refused", outcome);
    assertEquals(535, failure(outcome).code());
    assertEquals("5.7.8", failure(outcome).enhanced());
    assertTrue(sawPassword());
  }

  @Test
  void loginRefusedForNow() {
    server.requireAuth("ann", "secret");
    server.always(Step.AUTH, Action.reply("454 4.7.0 not now"));
    assertTrouble(SmtpPhase.AUTH, "454 login refused", send(Tls.NONE, "ann", trusting));
  }

  @Test
  void mechanismsThatWeDoNotKnow() {
    server.always(Step.EHLO, Action.reply("250-x\r\n250 AUTH GSSAPI"));
    assertTrouble(
        SmtpPhase.EHLO,
        "no AUTH mechanism in common: server has GSSAPI",
        send(Tls.NONE, "ann", trusting));
    assertFalse(sawPassword());
  }

  @Test
  void tlsOnAPortWithoutIt() {
    assertTrouble(
        SmtpPhase.STARTTLS,
        "the server speaks no TLS on this port (smtp.tls=starttls?)",
        send(Tls.TLS, null, trusting));
  }
}
