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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.kinds.MailKind;
import org.eclipse.angus.mail.util.QPEncoderStream;
import org.jspecify.annotations.Nullable;

/**
 * The e-mails of one kind: its subject, and its body as text and as HTML, with the kind's fields as
 * placeholders, {@code {name}}. Angus writes the message once, without what differs from one e-mail
 * to the next. Each send adds that. What the user has given is in To and, escaped, in the two
 * bodies only.
 */
final class MailTemplate {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w+)\\}");
  private static final Pattern ID = Pattern.compile("[!-;=?-~]{1,200}"); // visible ASCII, no < >
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.US);

  /** Stands for a line with placeholders while Angus writes the message. */
  private static final String MARK = "\u0001";

  private static final Pattern MARK_AS_WRITTEN = Pattern.compile("(?m)^=01$");

  /** A line of a body that has placeholders. */
  private record Line(String text, boolean html) {}

  private final String from;
  private final MailKind<?> kind;
  private final List<Pattern> firsts = new ArrayList<>(); // of each field, the characters shown
  private final String text;
  private final String html;
  private final List<Line> lines = new ArrayList<>(); // complete as soon as there are pieces
  private byte @Nullable [][] pieces; // what comes before, between and after the lines

  /**
   * Called at the start, so that it fails there, and not at the first e-mail of the kind.
   *
   * @throws IllegalArgumentException if a template is missing, or its placeholders are not the
   *     kind's fields
   */
  MailTemplate(String from, MailKind<?> kind) {
    this.from = from;
    this.kind = kind;
    kind.fields().forEach(field -> firsts.add(Pattern.compile("\\X{1," + field.most() + "}+")));
    text = body(kind, ".txt");
    html = body(kind, ".html");
  }

  private static String body(MailKind<?> kind, String ending) {
    String file = kind.name() + ending;
    String body = resource(file);
    Set<String> named = new TreeSet<>();
    PLACEHOLDER.matcher(body).results().forEach(found -> named.add(found.group(1)));
    Set<String> fields = new TreeSet<>(kind.fields().stream().map(MailKind.Field::name).toList());
    if (!named.equals(fields)) {
      throw new IllegalArgumentException(
          ("the placeholders in lastcall/mail/" + file + " are " + named)
              + (", and the fields of its kind of e-mail are " + fields)
              + ": both must be the same");
    }
    return body;
  }

  private static String resource(String file) {
    try (InputStream in = MailTemplate.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException("missing from the jar: lastcall/mail/" + file);
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
  MimeMessage fill(OutgoingMail mail) {
    if (!ID.matcher(mail.messageId()).matches()) {
      throw new IllegalArgumentException("not a Message-ID");
    }
    Address to = MailAddress.strict(mail.to());
    String own =
        ("Date: " + DATE.format(ZonedDateTime.now(ZoneId.systemDefault())))
            + ("\r\nTo: " + mail.to())
            + ("\r\nMessage-ID: <" + mail.messageId() + ">\r\n");
    Map<String, String> shown = new HashMap<>();
    List<String> values = kind.values(mail.data());
    for (int i = 0; i < kind.fields().size(); i++) {
      shown.put(kind.fields().get(i).name(), shown(values.get(i), i));
    }
    byte[][] around = pieces();
    ByteArrayOutputStream out = new ByteArrayOutputStream(2_048);
    out.writeBytes(own.getBytes(ISO_8859_1));
    out.writeBytes(around[0]);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      writeEncoded(filled(line, shown), out);
      out.writeBytes(around[i + 1]);
    }
    return new Filled(to, out.toByteArray());
  }

  private static String filled(Line line, Map<String, String> shown) {
    return PLACEHOLDER
        .matcher(line.text())
        .replaceAll(found -> {
          String value = Objects.requireNonNull(shown.get(found.group(1)));
          return Matcher.quoteReplacement(line.html() ? escape(value) : value);
        });
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
   * The bodies are quoted-printable whatever the values are. There "=01" stands for our mark and
   * nothing else, and "=_", which is in each boundary of Angus, can't come from a value.
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
    message.setSubject(kind.subject(), "UTF-8");
    message.setHeader("Auto-Submitted", "auto-generated"); // no vacation notes (RFC 3834)
    message.setContent(new MimeMultipart("alternative", part(text, "plain"), part(html, "html")));
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

  private MimeBodyPart part(String template, String subtype) throws MessagingException {
    StringBuilder body = new StringBuilder();
    for (String line : template.split("\n", 0)) {
      boolean differs = PLACEHOLDER.matcher(line).find();
      if (differs) {
        lines.add(new Line(line, subtype.equals("html")));
      }
      body.append(differs ? MARK : line).append('\n');
    }
    MimeBodyPart part = new MimeBodyPart();
    part.setText(body.toString(), "UTF-8", subtype);
    part.setHeader("Content-Transfer-Encoding", "quoted-printable");
    return part;
  }

  /**
   * The first characters, as people count them: none is cut in two. A value can't write paragraphs
   * of its own, even if a caller lets one through.
   */
  private String shown(String value, int field) {
    String line = CONTROL.matcher(value).replaceAll(" ");
    if (line.length() <= kind.fields().get(field).most()) { // it has no more characters than that
      return line;
    }
    Matcher first = firsts.get(field).matcher(line);
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
