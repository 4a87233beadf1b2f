package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import lastcall.kinds.MailKind;
import lastcall.testing.ScriptedSmtpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives, read back from what the server got. */
class MailTemplateTest {
  private static String raw(String name) throws IOException, InterruptedException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer();
        AngusMailer mailer = mailer(server.port())) {
      OutgoingMail mail =
          new OutgoingMail("0b7e@lastcall.example", "welcome", "ann@example.org", name);
      assertInstanceOf(SendOutcome.Sent.class, mailer.send(mail, () -> true));
      return server.awaitAccepted(1, GUARD).getFirst().text();
    }
  }

  static String[] nastyNames() {
    return new String[] {
      "Ann",
      "<script>alert(1)</script>",
      "\"><img src=x onerror='a()'> & co",
      "{name} $0 \\1 %s",
      "Zo\u00eb \u5f20\u4f1f \ud83d\ude80",
      ". .\u00a0..",
      "=?UTF-8?B?WA==?=",
      "x".repeat(500),
      "&".repeat(500),
      "\u00e9".repeat(250),
    };
  }

  @ParameterizedTest
  @MethodSource("nastyNames")
  void bothPartsShowTheNameAndNothingElseOfIt(String name) throws Exception {
    String raw = raw(name);
    raw.lines().forEach(line -> assertTrue(line.length() <= 998, "a line of " + line.length()));
    MimeMessage message =
        new MimeMessage(
            Session.getInstance(new Properties()),
            new ByteArrayInputStream(raw.getBytes(StandardCharsets.ISO_8859_1)));
    assertTrue(message.isMimeType("multipart/alternative"));
    MimeMultipart parts = (MimeMultipart) message.getContent();
    assertEquals(2, parts.getCount());
    assertTrue(parts.getBodyPart(0).isMimeType("text/plain"));
    assertTrue(parts.getBodyPart(1).isMimeType("text/html"));
    String text = (String) parts.getBodyPart(0).getContent();
    String html = (String) parts.getBodyPart(1).getContent();
    String shown = name.length() > 60 ? name.substring(0, 60) : name;
    assertTrue(text.startsWith("Hello " + shown + ","), text);
    String inHtml = html.substring(html.indexOf("Hello ") + 6, html.indexOf(",</p>"));
    assertFalse(inHtml.matches("(?s).*[<>\"'].*"), inHtml);
    assertEquals(shown, unescape(inHtml));
    assertEquals(body("", 1).length(), html.length() - inHtml.length());
  }

  private static String body(String name, int part) throws IOException, MessagingException {
    MimeMultipart parts =
        (MimeMultipart)
            AsAngusWritesTest.parsed(AsAngusWritesTest.filled(AsAngusWritesTest.template(), name))
                .getContent();
    return (String) parts.getBodyPart(part).getContent();
  }

  /** A character is what people count as one, be it of several code points. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "\u738b",
        "\ud842\udfb7",
        "e\u0301",
        "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67",
        "\ud83c\uddf8\ud83c\uddea",
        "\ud83d\udc4d\ud83c\udffd"
      })
  void theFirst60CharactersAreShownAndNoneIsCut(String one) throws Exception {
    assertEquals(body(one.repeat(60), 0), body(one.repeat(61), 0));
    assertTrue(body(one.repeat(60), 0).startsWith("Hello " + one.repeat(60) + ","));
    assertTrue(body("&" + one.repeat(60), 1).contains(">Hello &amp;" + one.repeat(59) + ","));
  }

  private static String unescape(String html) {
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }

  @Test
  void theHeaders() throws Exception {
    MimeMessage message =
        new MimeMessage(
            Session.getInstance(new Properties()),
            new ByteArrayInputStream(raw("Ann").getBytes(StandardCharsets.ISO_8859_1)));
    assertEquals("<0b7e@lastcall.example>", message.getMessageID());
    assertArrayEquals(new String[] {"auto-generated"}, message.getHeader("Auto-Submitted"));
    assertArrayEquals(new String[] {"hello@lastcall.example"}, message.getHeader("From"));
    assertArrayEquals(new String[] {"ann@example.org"}, message.getHeader("To"));
    assertEquals("Welcome!", message.getSubject());
    assertTrue(message.getSentDate() != null);
    assertEquals("1.0", message.getHeader("MIME-Version", null));
  }

  @Test
  void aNameThatSlippedThroughCantBreakTheLine() throws Exception {
    assertEquals(body("Ann    x", 0), body("Ann\r\n\u2028\u2029x", 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adm\u0169n@example.org",
        "u@x.org> NOTIFY=NEVER ORCPT=<x",
        "a@example.org,b@example.org",
        "a@example.org\r\nRCPT TO:<b@example.org>",
        "a@example.org\n",
        "\"a b\"@example.org",
        "<a@example.org>",
        "Ann <a@example.org>",
        "group:a@example.org;",
        "a@[127.0.0.1]",
        "@example.org",
        "a@",
        "a",
        "",
      })
  void anAddressThatAngusWouldBendIsRefused(String to) throws IOException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer();
        AngusMailer mailer = mailer(server.port())) {
      OutgoingMail mail = new OutgoingMail("a@lastcall.example", "welcome", to, "Ann");
      assertThrows(IllegalArgumentException.class, () -> mailer.send(mail, () -> true));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nBcc: b@example.org", "a>b", "", "a b"})
  void anIdThatIsNoneIsRefused(String id) throws IOException {
    try (AngusMailer mailer = mailer(1)) {
      OutgoingMail mail = new OutgoingMail(id, "welcome", "ann@example.org", "Ann");
      assertThrows(IllegalArgumentException.class, () -> mailer.send(mail, () -> true));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nam", "name age"})
  void aTemplateThatDoesNotGoWithItsDataFailsTheStart(String fields) {
    MailKind<String> kind = new MailKind<>("welcome", "Welcome!");
    for (String field : fields.split(" ")) {
      kind = field.isEmpty() ? kind : kind.with(field, 60, value -> value);
    }
    MailKind<String> wrong = kind;
    String why =
        assertThrows(IllegalArgumentException.class, () -> new MailTemplate("a@example.org", wrong))
            .getMessage();
    assertTrue(why.contains("lastcall/mail/welcome.txt") && why.contains("[name]"), why);
  }

  @Test
  void aKindMayHaveNoData() throws Exception {
    MailTemplate template =
        new MailTemplate("a@example.org", new MailKind<>("without-data", "Hello"));
    OutgoingMail mail = new OutgoingMail("a@lastcall.example", "without-data", "b@x.org", "");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    template.fill(mail).writeTo(out);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("nothing differs here."));
  }

  @Test
  void aKindWithoutTemplatesFailsTheStart() {
    MailKind<String> kind = new MailKind<>("nothing", "Nothing");
    String why =
        assertThrows(IllegalArgumentException.class, () -> new MailTemplate("a@example.org", kind))
            .getMessage();
    assertEquals("missing from the jar: lastcall/mail/nothing.txt", why);
  }

  /** A field that a newer version has added is missing in rows that wait. */
  @Test
  void aRowOfAnOlderVersionLacksTheLastFields() {
    MailKind<String> kind =
        new MailKind<String>("k", "K").with("a", 9, value -> value).with("b", 9, value -> value);
    assertEquals(List.of("x", ""), kind.values("x"));
    assertEquals(List.of("x", "y\nz"), kind.values("x\ny\nz"));
    assertEquals("x y\nx y", kind.data("x\ny"));
  }
}
