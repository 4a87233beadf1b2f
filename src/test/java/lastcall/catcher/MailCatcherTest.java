package lastcall.catcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.failure;
import static lastcall.mail.MailFixture.mail;
import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import lastcall.mail.AngusMailer;
import lastcall.mail.SendOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded mail server, over its socket. */
class MailCatcherTest {
  @TempDir Path directory;

  /** A client that says what the test wants, however wrong. */
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Client(EmbeddedMail catcher) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), catcher.port());
      socket.setSoTimeout(Math.toIntExact(GUARD.toMillis()));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      assertEquals("220", reply());
    }

    String say(String line) throws IOException {
      socket.getOutputStream().write((line + "\r\n").getBytes(ISO_8859_1));
      return reply();
    }

    private String reply() throws IOException {
      String line = in.readLine();
      while (line != null && line.charAt(3) == '-') {
        line = in.readLine();
      }
      return line == null ? "gone" : line.substring(0, 3);
    }

    String mail(String text) throws IOException {
      assertEquals("250", say("MAIL FROM:<a@example.org>"));
      assertEquals("250", say("RCPT TO:<b@example.org>"));
      assertEquals("354", say("DATA"));
      return say(text + "\r\n.");
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private Path mailbox() {
    return directory.resolve("mailbox");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(mailbox())) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private EmbeddedMail catcher() throws IOException {
    return new EmbeddedMail(mailbox(), 0, Duration.ZERO);
  }

  @Test
  void whatTheMailerSendsIsAFileNamedByItsMessageId() throws IOException {
    try (EmbeddedMail catcher = catcher();
        AngusMailer mailer = mailer(catcher.port())) {
      for (int i = 0; i < 20; i++) {
        assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("m" + i), () -> true));
        assertEquals(i + 1, files().size(), "there before the 250");
      }
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("m7"), () -> true));
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("m7"), () -> true));
    }
    assertTrue(files().contains("m7@lastcall.example.eml"), files().toString());
    assertTrue(files().contains("m7@lastcall.example.2.eml"), "a duplicate is visible");
    assertTrue(files().contains("m7@lastcall.example.3.eml"), "and another");
    assertTrue(
        Files.readString(mailbox().resolve("m7@lastcall.example.eml")).contains("Hello Ann"));
  }

  @Test
  void theTextIsKeptByteForByte() throws IOException {
    try (EmbeddedMail catcher = catcher();
        Client client = new Client(catcher)) {
      client.say("EHLO test");
      assertEquals("250", client.mail("message-id: <x>\r\n\r\n..a dot\r\n...\r\nbare\n.\nend\r\n"));
      assertEquals("221", client.say("QUIT"));
    }
    assertEquals(
        "message-id: <x>\r\n\r\n.a dot\r\n..\r\nbare\n.\nend\r\n\r\n",
        Files.readString(mailbox().resolve("x.eml"), ISO_8859_1));
  }

  @Test
  void noMessageIdLeadsOutOfTheMailbox() throws IOException {
    try (EmbeddedMail catcher = catcher();
        Client client = new Client(catcher)) {
      client.say("HELO test");
      for (String id :
          List.of(
              "<../../x>",
              "</etc/x>",
              "<.x>",
              "<..>",
              "<a\0b>",
              "<>",
              "<" + "y".repeat(400) + ">")) {
        assertEquals("250", client.mail("Message-ID: " + id + "\r\n\r\nhello"));
      }
      assertEquals("250", client.mail("Subject: none\r\n\r\nMessage-ID: <body>"));
    }
    assertEquals(8, files().size(), files().toString());
    assertTrue(files().contains("_._.._x.eml"), files().toString());
    assertFalse(files().contains("body.eml"));
    try (Stream<Path> outside = Files.list(directory)) {
      assertEquals(List.of(mailbox()), outside.toList());
    }
  }

  @Test
  void wrongCommandsAreAnsweredAndForgiven() throws IOException {
    try (EmbeddedMail catcher = catcher();
        Client client = new Client(catcher)) {
      assertEquals("503", client.say("MAIL FROM:<a@example.org>"));
      assertEquals("250", client.say("ehlo test"));
      assertEquals("503", client.say("RCPT TO:<b@example.org>"));
      assertEquals("503", client.say("DATA"));
      assertEquals("501", client.say("MAIL a@example.org"));
      assertEquals("250", client.say("MAIL FROM:<>"));
      assertEquals("503", client.say("MAIL FROM:<a@example.org>"));
      assertEquals("501", client.say("RCPT TO:b"));
      assertEquals("503", client.say("DATA"));
      assertEquals("250", client.say("NOOP"));
      assertEquals("252", client.say("VRFY b"));
      assertEquals("500", client.say("BLAH"));
      assertEquals("500", client.say(""));
      assertEquals("500", client.say("x".repeat(100_000)));
      assertEquals("250", client.say("RSET"));
      assertEquals("250", client.mail("Message-ID: <fine>\r\n\r\nhello"));
      assertEquals("221", client.say("QUIT"));
      assertEquals("gone", client.reply());
    }
    assertEquals(List.of("fine.eml"), files());
  }

  @Test
  void whatIsTooLargeIsRefusedAndTheNextIsNot() throws IOException {
    try (EmbeddedMail catcher = catcher();
        Client client = new Client(catcher)) {
      client.say("EHLO test");
      assertEquals("552", client.mail(("z".repeat(998) + "\r\n").repeat(1_100)));
      assertEquals("552", client.mail("z".repeat(2 << 20)));
      assertEquals("250", client.mail("Message-ID: <small>\r\n\r\nhello"));
    }
    assertEquals(List.of("small.eml"), files());
  }

  @Test
  void aMailboxThatCantBeWrittenToIsTemporary() throws IOException {
    try (EmbeddedMail catcher = catcher();
        AngusMailer mailer = mailer(catcher.port())) {
      Files.delete(mailbox());
      SendOutcome outcome = mailer.send(mail("a"), () -> true);
      assertInstanceOf(SendOutcome.ServerTrouble.class, outcome);
      assertEquals(452, failure(outcome).code());
      Files.createDirectory(mailbox());
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail("a"), () -> true));
    }
  }

  @Test
  void aFullMailboxSaysSoAndWhatWasLeftUnfinishedIsGone() throws IOException {
    Files.createDirectories(mailbox());
    Files.writeString(mailbox().resolve("one.eml"), "");
    Files.writeString(mailbox().resolve(".unfinished-1"), "half");
    Mailbox mailbox = new Mailbox(mailbox(), 2, Duration.ZERO);
    assertTrue(mailbox.store(List.of(), "Message-ID: <two>\r\n\r\n".getBytes(ISO_8859_1)));
    assertFalse(mailbox.store(List.of(), "Message-ID: <three>\r\n\r\n".getBytes(ISO_8859_1)));
    assertEquals(List.of("one.eml", "two.eml"), files());
  }

  @Test
  void closeEndsEverythingAndDoesNotWaitForTheDelay() throws IOException {
    EmbeddedMail catcher = new EmbeddedMail(mailbox(), 0, Duration.ofHours(1));
    try (Client idle = new Client(catcher);
        Client waiting = new Client(catcher)) {
      waiting.say("EHLO test");
      waiting.say("MAIL FROM:<a@example.org>");
      waiting.say("RCPT TO:<b@example.org>");
      waiting.say("DATA");
      waiting.socket.getOutputStream().write("Subject: x\r\n\r\n.\r\n".getBytes(ISO_8859_1));
      catcher.close();
      assertEquals("gone", endOf(idle));
      assertEquals("gone", endOf(waiting));
    }
    assertEquals(List.of(), files());
  }

  private static String endOf(Client client) {
    try {
      return client.reply();
    } catch (IOException reset) {
      return "gone";
    }
  }
}
