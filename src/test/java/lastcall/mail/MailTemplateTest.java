package lastcall.mail;

import static lastcall.mail.MailFixture.GUARD;
import static lastcall.mail.MailFixture.mailer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.mail.Header;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Date;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import lastcall.testing.ScriptedSmtpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives, read back from what the server got. */
class MailTemplateTest {
  private static MailTemplate template() {
    return new MailTemplate("hello@lastcall.example", "welcome", "Welcome!");
  }

  private static String raw(String name) throws IOException, InterruptedException {
    try (ScriptedSmtpServer server = new ScriptedSmtpServer();
        AngusMailer mailer = mailer(server.port())) {
      WelcomeMail mail = new WelcomeMail("0b7e@lastcall.example", "ann@example.org", name);
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

  private static MimeMessage parsed(byte[] bytes) throws MessagingException {
    return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(bytes));
  }

  private static byte[] written(MimeMessage message) throws IOException, MessagingException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    return out.toByteArray();
  }

  private static byte[] filled(MailTemplate template, String name)
      throws IOException, MessagingException {
    return written(template.fill(new WelcomeMail("0b7e@x.example", "ann@example.org", name)));
  }

  private static String body(String name, int part) throws IOException, MessagingException {
    MimeMultipart parts = (MimeMultipart) parsed(filled(template(), name)).getContent();
    return (String) parts.getBodyPart(part).getContent();
  }

  /** The same e-mail, written by Angus from beginning to end. */
  private static MimeMessage byAngus(String name) throws IOException, MessagingException {
    MimeMessage message =
        new MimeMessage(Session.getInstance(new Properties())) {
          @Override
          protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", "<0b7e@x.example>");
          }
        };
    message.setFrom("hello@lastcall.example");
    message.setRecipients(Message.RecipientType.TO, "ann@example.org");
    message.setSubject("Welcome!");
    message.setSentDate(new Date());
    message.setHeader("Auto-Submitted", "auto-generated");
    message.setContent(new MimeMultipart("alternative", part(name, "txt"), part(name, "html")));
    message.saveChanges();
    return message;
  }

  private static MimeBodyPart part(String name, String ending)
      throws IOException, MessagingException {
    boolean html = ending.equals("html");
    try (InputStream in = MailTemplate.class.getResourceAsStream("welcome." + ending)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      MimeBodyPart part = new MimeBodyPart();
      part.setText(
          text.replace("{name}", html ? escape(name) : name), "UTF-8", html ? "html" : "plain");
      return part;
    }
  }

  private static String escape(String raw) {
    return raw.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static final String[] ODD = {
    " ",
    " ",
    "  ",
    ".",
    "..",
    "=",
    "=01",
    "=20",
    "=\u0020",
    "&",
    "<",
    ">",
    "\"",
    "'",
    "{name}",
    "--",
    "----=_Part_0_",
    "$1",
    "\\",
    "From ",
    "\u00a0",
    "\u00e9",
    "e\u0301",
    "\u05d0\u05d1",
    "\u202e",
    "\u0639",
    "\u5f20\u4f1f",
    "\ud83d\ude80",
    "\ud83d\udc69\u200d\ud83d\udc67",
    "\ud83c\uddf8\ud83c\uddea",
    "\u200b",
    "=?UTF-8?Q?x?=",
    "Ann",
    "o'Neil",
    "x",
    "y",
    "\ufeff"
  };

  /** At most 60 chars, so that all of it is shown. */
  private static String oddName(Random random) {
    StringBuilder name = new StringBuilder();
    int length = random.nextInt(61);
    while (true) {
      int any = random.nextInt(0x100, Character.MAX_CODE_POINT);
      boolean fit = Character.isLetter(any) && random.nextInt(4) == 0;
      String next = fit ? Character.toString(any) : ODD[random.nextInt(ODD.length)];
      if (name.length() + next.length() > length) {
        return name.toString();
      }
      name.append(next);
    }
  }

  @Test
  void eachIsWhatAngusWouldHaveWritten() throws Exception {
    long seed = System.nanoTime();
    System.out.println("MailTemplateTest seed " + seed);
    Random random = new Random(seed);
    MailTemplate template = template();
    for (int i = 0; i < 500; i++) {
      String name = oddName(random);
      Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      byte[] bytes = filled(template, name);
      Instant after = Instant.now();
      checkLines(new String(bytes, StandardCharsets.ISO_8859_1));
      MimeMessage ours = parsed(bytes);
      Instant sent = ours.getSentDate().toInstant();
      assertTrue(!sent.isBefore(before) && !sent.isAfter(after), sent::toString);
      MimeMessage theirs = parsed(written(byAngus(name)));
      assertEquals(headers(theirs), headers(ours));
      MimeMultipart ourParts = (MimeMultipart) ours.getContent();
      MimeMultipart theirParts = (MimeMultipart) theirs.getContent();
      assertEquals(2, ourParts.getCount());
      for (int part = 0; part < 2; part++) {
        assertEquals(headers(theirParts.getBodyPart(part)), headers(ourParts.getBodyPart(part)));
        assertEquals(content(theirParts.getBodyPart(part)), content(ourParts.getBodyPart(part)));
      }
    }
  }

  /** Angus ends lines as the template does where it chooses base64, and with CRLF elsewhere. */
  private static String content(Part part) throws IOException, MessagingException {
    return ((String) part.getContent()).replace("\r\n", "\n");
  }

  /** Without the time and without what only tells how the bodies are encoded and delimited. */
  private static Map<String, String> headers(Part part) throws MessagingException {
    Map<String, String> headers = new TreeMap<>();
    for (Header header : Collections.list(part.getAllHeaders())) {
      String value = MimeUtility.unfold(header.getValue()).replaceAll("boundary=.*", "boundary");
      assertNull(headers.put(header.getName(), value), header.getName());
    }
    headers.remove("Date");
    headers.remove("Content-Transfer-Encoding");
    return headers;
  }

  private static void checkLines(String message) {
    assertTrue(message.endsWith("\r\n"));
    for (String line : message.split("\r\n")) {
      assertTrue(line.length() <= 76, line);
      assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f || c == '\t'), line);
    }
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
      WelcomeMail mail = new WelcomeMail("a@lastcall.example", to, "Ann");
      assertThrows(IllegalArgumentException.class, () -> mailer.send(mail, () -> true));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nBcc: b@example.org", "a>b", "", "a b"})
  void anIdThatIsNoneIsRefused(String id) throws IOException {
    try (AngusMailer mailer = mailer(1)) {
      WelcomeMail mail = new WelcomeMail(id, "ann@example.org", "Ann");
      assertThrows(IllegalArgumentException.class, () -> mailer.send(mail, () -> true));
    }
  }
}
