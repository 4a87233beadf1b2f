package lastcall.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.util.QPEncoderStream;
import org.jspecify.annotations.Nullable;

/**
 * One kind of e-mail: a subject, and a body as text and as HTML, whose one placeholder is {@code
 * {name}}. Angus writes the message once, without what differs from one e-mail to the next. Each
 * send adds that. What the user has given is in To and, escaped, in the two bodies only.
 */
final class MailTemplate {
  private static final String NAME = "{name}";
  private static final Pattern ID = Pattern.compile("[!-;=?-~]{1,200}"); // visible ASCII, no < >
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");
  private static final int SHOWN = 60;
  private static final Pattern FIRST = Pattern.compile("\\X{1," + SHOWN + "}+");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.US);

  /** Stands for a line with the placeholder while Angus writes the message. */
  private static final String MARK = "\u0001";

  private static final Pattern MARK_AS_WRITTEN = Pattern.compile("(?m)^=01$");

  /** A line of a body that has the placeholder. */
  private record Line(String text, boolean html) {}

  private final String kind;
  private final String from;
  private final String subject;
  private final List<Line> lines = new ArrayList<>(); // complete as soon as there are pieces
  private byte @Nullable [][] pieces; // what comes before, between and after the lines

  /**
   * @param kind names the two files that hold the bodies
   */
  MailTemplate(String from, String kind, String subject) {
    this.from = from;
    this.kind = kind;
    this.subject = subject;
  }

  private static String resource(String file) {
    try (InputStream in = MailTemplate.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("missing from the jar: " + file);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws IllegalArgumentException if an address or the id can't be put into a header or a
   *     command as it stands
   */
  MimeMessage fill(WelcomeMail mail) {
    if (!ID.matcher(mail.messageId()).matches()) {
      throw new IllegalArgumentException("not a Message-ID");
    }
    Address to = MailAddress.strict(mail.to());
    String own =
        ("Date: " + DATE.format(ZonedDateTime.now(ZoneId.systemDefault())))
            + ("\r\nTo: " + mail.to())
            + ("\r\nMessage-ID: <" + mail.messageId() + ">\r\n");
    String shown = shown(mail.name());
    String escaped = escape(shown);
    byte[][] around = pieces();
    ByteArrayOutputStream out = new ByteArrayOutputStream(2_048);
    out.writeBytes(own.getBytes(ISO_8859_1));
    out.writeBytes(around[0]);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      writeEncoded(line.text().replace(NAME, line.html() ? escaped : shown), out);
      out.writeBytes(around[i + 1]);
    }
    return new Filled(to, out.toByteArray());
  }

  private static void writeEncoded(String line, OutputStream out) {
    try {
      QPEncoderStream encoder = new QPEncoderStream(out);
      encoder.write(line.getBytes(UTF_8));
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** At the first send and not before, since it takes time that the start of the service saves. */
  private synchronized byte[][] pieces() {
    if (pieces == null) {
      try {
        pieces = write();
      } catch (IOException | MessagingException e) {
        throw new IllegalStateException("could not write the e-mail", e);
      }
    }
    return pieces;
  }

  /**
   * The bodies are quoted-printable whatever the name is. There "=01" stands for our mark and
   * nothing else, and "=_", which is in each boundary of Angus, can't come from a name.
   */
  private byte[][] write() throws IOException, MessagingException {
    lines.clear(); // an earlier try may have failed
    MimeMessage message =
        new MimeMessage((Session) null) {
          @Override
          protected void updateMessageID() {
            // Angus would look up the name of this machine to make one up.
          }
        };
    message.setFrom(MailAddress.strict(from));
    message.setSubject(subject, "UTF-8");
    message.setHeader("Auto-Submitted", "auto-generated"); // no vacation notes (RFC 3834)
    message.setContent(
        new MimeMultipart("alternative", part(".txt", "plain"), part(".html", "html")));
    message.saveChanges();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out, new String[] {"Date"});
    String[] split = MARK_AS_WRITTEN.split(out.toString(ISO_8859_1), -1);
    byte[][] around = new byte[split.length][];
    for (int i = 0; i < split.length; i++) {
      around[i] = split[i].getBytes(ISO_8859_1);
    }
    return around;
  }

  private MimeBodyPart part(String ending, String subtype) throws MessagingException {
    StringBuilder body = new StringBuilder();
    for (String line : resource(kind + ending).split("\n", 0)) {
      if (line.contains(NAME)) {
        lines.add(new Line(line, subtype.equals("html")));
      }
      body.append(line.contains(NAME) ? MARK : line).append('\n');
    }
    MimeBodyPart part = new MimeBodyPart();
    part.setText(body.toString(), "UTF-8", subtype);
    part.setHeader("Content-Transfer-Encoding", "quoted-printable");
    return part;
  }

  /**
   * The first 60 characters, as people count them: none is cut in two. A name can't write
   * paragraphs of its own, even if a caller lets one through.
   */
  private static String shown(String name) {
    String line = CONTROL.matcher(name).replaceAll(" ");
    if (line.length() <= SHOWN) { // then it has no more characters than that
      return line;
    }
    Matcher first = FIRST.matcher(line);
    return first.lookingAt() ? first.group() : line;
  }

  /** For text and quoted attributes. */
  private static String escape(String raw) {
    return raw.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** A message that is written already. Angus's transport asks for nothing else of it. */
  private static final class Filled extends MimeMessage {
    private final Address to;
    private final byte[] bytes;

    Filled(Address to, byte[] bytes) {
      super((Session) null);
      this.to = to;
      this.bytes = bytes;
    }

    @Override
    public Address[] getAllRecipients() {
      return new Address[] {to};
    }

    @Override
    public void writeTo(OutputStream out, String[] ignoredHeaders) throws IOException {
      out.write(bytes);
    }
  }
}
