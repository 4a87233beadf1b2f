package lastcall.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import lastcall.kinds.MailKinds;
import org.junit.jupiter.api.Test;

/** Each message is compared with the one that Angus would have written for the same name. */
final class AsAngusWritesTest {
  static MailTemplate template() {
    return new MailTemplate("hello@lastcall.example", MailKinds.WELCOME);
  }

  static MimeMessage parsed(byte[] bytes) throws MessagingException {
    return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(bytes));
  }

  private static byte[] written(MimeMessage message) throws IOException, MessagingException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    return out.toByteArray();
  }

  static byte[] filled(MailTemplate template, String name) throws IOException, MessagingException {
    return written(
        template.fill(new OutgoingMail("0b7e@x.example", "welcome", "ann@example.org", name)));
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
    System.out.println("AsAngusWritesTest seed " + seed);
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
}
