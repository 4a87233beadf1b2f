package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.failure;
import static lastcall.mail.MailFixture.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.MessagingException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import lastcall.testing.ScriptedSmtpServer;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import lastcall.testing.TestCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers with several addresses. On each address of the machine another server may listen. */
class ConnectTest {
  private static final SSLSocketFactory USUAL = (SSLSocketFactory) SSLSocketFactory.getDefault();
  private final List<String> addresses = new ArrayList<>(List.of("127.0.0.2", "127.0.0.1"));
  private final SendProgress progress = MailFixture.progress();
  private final List<Closeable> opened = new ArrayList<>();
  private ScriptedSmtpServer server;
  private SmtpConnector connector;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedSmtpServer("127.0.0.1", 0);
    connector = connector(smtp(Tls.NONE, GUARD, null), USUAL);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    for (Closeable one : opened) {
      one.close();
    }
  }

  private SmtpConnector connector(AppConfig.Smtp smtp, SSLSocketFactory tls) {
    return new SmtpConnector(smtp, "localhost", server.port(), tls, this::resolve);
  }

  private InetAddress[] resolve(String host) throws UnknownHostException {
    List<InetAddress> found = new ArrayList<>();
    for (String address : addresses) {
      found.add(InetAddress.getByName(address));
    }
    return found.toArray(InetAddress[]::new);
  }

  private void connects() throws Exception {
    PhaseTrackingTransport transport = connector.open(progress);
    assertTrue(transport.isConnected());
    transport.drop();
  }

  private SmtpFailure fails() throws InterruptedException {
    try {
      connector.open(progress).drop();
    } catch (IOException | MessagingException e) {
      progress.failed(e);
      return failure(assertInstanceOf(SendOutcome.ServerTrouble.class, progress.outcome()));
    }
    throw new AssertionError("it connected");
  }

  @Test
  void theSecondAddressIsTried() throws Exception {
    connects();
    assertEquals(1, server.reached(Step.EHLO));
  }

  @Test
  void theOtherFamilyIsTried() throws Exception {
    addresses.set(0, "::1");
    connects();
  }

  @Test
  void theAddressThatWorkedLastComesFirst() throws Exception {
    addresses.removeFirst();
    connects();
    addresses.addFirst("127.0.0.2");
    try (ScriptedSmtpServer other = new ScriptedSmtpServer("127.0.0.2", server.port())) {
      connects();
      assertEquals(0, other.reached(Step.CONNECT));
      server.down();
      connects();
      assertEquals(1, other.reached(Step.CONNECT));
      server.up();
      connects();
      assertEquals(2, other.reached(Step.CONNECT));
    }
  }

  @Test
  void aNewAddressIsFoundAtTheNextSend() throws Exception {
    addresses.removeLast();
    fails();
    addresses.set(0, "127.0.0.1");
    connects();
  }

  @Test
  void allAddressesRefuse() throws Exception {
    server.down();
    SmtpFailure failure = fails();
    assertEquals(SmtpPhase.CONNECT, failure.phase());
    assertEquals("connection refused (2 addresses)", failure.reason());
    assertEquals("connection refused (2 addresses)", failure.text());
  }

  @Test
  void aServerThatGreetsWithTroubleIsLeftForTheNext() throws Exception {
    for (Action action :
        List.of(Action.reply("421 4.3.2 not now"), Action.reply("554 no"), Action.close())) {
      try (ScriptedSmtpServer bad = new ScriptedSmtpServer("127.0.0.2", server.port())) {
        bad.always(Step.CONNECT, action);
        int before = server.reached(Step.EHLO);
        connector = connector(smtp(Tls.NONE, GUARD, null), USUAL);
        connects();
        assertEquals(1, bad.reached(Step.CONNECT));
        assertEquals(before + 1, server.reached(Step.EHLO));
      }
    }
  }

  @Test
  void oneSilentAddressLeavesTimeForTheNext() throws Exception {
    // A queue of connections that is full: the system answers nothing to the next one.
    try (ServerSocket full =
        new ServerSocket(server.port(), 1, InetAddress.getByName("127.0.0.2"))) {
      for (int i = 0; i < 2; i++) {
        opened.add(new Socket(full.getInetAddress(), full.getLocalPort()));
      }
      connector = connector(smtp(Tls.NONE, Duration.ofSeconds(6), null), USUAL);
      connects();
    }
  }

  /** They accept, and never greet. */
  @Test
  @Timeout(16) // three greetings, each waited for as long as for one, take 18 s
  void silentServersLeaveTimeForTheNext() throws Exception {
    addresses.add(0, "127.0.0.3");
    addresses.add(0, "127.0.0.4");
    for (String address : addresses.subList(0, 3)) {
      opened.add(new ServerSocket(server.port(), 9, InetAddress.getByName(address)));
    }
    connector = connector(smtp(Tls.NONE, Duration.ofSeconds(6), null), USUAL);
    connects();
  }

  @Test
  void theFailureThatCameFurthestIsTold() throws Exception {
    addresses.set(0, "127.0.0.1");
    addresses.set(1, "127.0.0.2");
    server.always(Step.CONNECT, Action.reply("421 4.7.0 too many of you"));
    SmtpFailure failure = fails();
    assertEquals(SmtpPhase.GREETING, failure.phase());
    assertEquals(421, failure.code());
    assertEquals("4.7.0", failure.enhanced());
    assertEquals("421 closing", failure.reason());
    assertEquals("421 closing: 4.7.0 too many of you", failure.text());
  }

  @Test
  void failuresOfDifferentKindsNameTheirAddress() throws Exception {
    try (ScriptedSmtpServer other = new ScriptedSmtpServer("127.0.0.2", server.port())) {
      other.always(Step.CONNECT, Action.reply("hello"));
      server.always(Step.CONNECT, Action.close());
      SmtpFailure failure = fails();
      assertEquals(SmtpPhase.GREETING, failure.phase());
      assertEquals(
          "answer is no SMTP at 127.0.0.2, connection lost at 127.0.0.1", failure.reason());
    }
  }

  @Test
  void aBadCertificateAtOneAddressDoesNotHoldUpTheOther(@TempDir Path directory) throws Exception {
    TestCertificate good = new TestCertificate(directory.resolve("good.p12"));
    TestCertificate bad = new TestCertificate(directory.resolve("bad.p12"));
    try (ScriptedSmtpServer other = new ScriptedSmtpServer("127.0.0.2", server.port())) {
      other.offerStartTls(bad.context());
      server.offerStartTls(good.context());
      connector = connector(smtp(Tls.STARTTLS, GUARD, null), good.context().getSocketFactory());
      connects();
      assertEquals(1, other.reached(Step.STARTTLS));
      assertEquals(1, server.reached(Step.STARTTLS));
    }
  }

  @Test
  void aWrongPasswordIsNotTriedTwice() throws Exception {
    try (ScriptedSmtpServer other = new ScriptedSmtpServer("127.0.0.2", server.port())) {
      other.requireAuth("ann", "another");
      server.requireAuth("ann", "another");
      connector = connector(smtp(Tls.NONE, GUARD, "ann"), USUAL);
      assertEquals(535, fails().code());
      assertEquals(1, other.reached(Step.AUTH));
      assertEquals(0, server.reached(Step.CONNECT));
    }
  }

  @Test
  void aCutEndsItAtAnyAddress() throws Exception {
    try (ScriptedSmtpServer other = new ScriptedSmtpServer("127.0.0.2", server.port())) {
      other.always(Step.CONNECT, Action.silence());
      List<Throwable> thrown = new ArrayList<>();
      Thread sender =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  connector.open(progress);
                } catch (IOException | MessagingException | InterruptedException e) {
                  thrown.add(e);
                  progress.failed(e);
                }
              });
      other.awaitReached(Step.CONNECT, 1, GUARD);
      progress.cut();
      assertTrue(sender.join(GUARD), "still connecting");
      assertEquals(1, thrown.size());
      assertInstanceOf(SendOutcome.NotSent.class, progress.outcome());
      assertEquals(0, server.reached(Step.CONNECT));
    }
  }

  @Test
  void theNameInEhlo() throws Exception {
    connects();
    connector = connector(MailFixture.smtpWithHelo("[192.0.2.1]"), USUAL);
    connects();
    assertEquals(
        List.of("EHLO lastcall.example", "NOOP", "EHLO [192.0.2.1]", "NOOP"), server.commands());
  }
}
