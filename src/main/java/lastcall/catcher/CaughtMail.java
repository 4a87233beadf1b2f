package lastcall.catcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.Header;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One e-mail, taken apart. Any bytes can be given: what can't be understood is left out, and {@link
 * #broken()} says so; the source shows it.
 */
public final class CaughtMail {
  private static final int MAX_DEPTH = 20;
  private static final int MAX_PARTS = 200;

  /** Angus looks through all that follows for each part: 50,000 of them took 17 s. */
  private static final int MAX_DELIMITERS = 2_000;

  /** A header as it is read by people: unfolded and decoded. */
  public record Field(String name, String value) {}

  /**
   * What is neither the text nor the HTML.
   *
   * @param number from 1
   * @param type such as {@code image/png}, without parameters
   * @param contentId by which the HTML names it; empty if it has none
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  public record Attachment(int number, String name, String type, String contentId, byte[] bytes) {}

  private final List<Field> headers = new ArrayList<>();
  private final List<Attachment> attachments = new ArrayList<>();
  private @Nullable String text;
  private @Nullable String html;
  private @Nullable String broken;
  private int parts;

  private CaughtMail() {}

  /** Takes the source apart. */
  public static CaughtMail of(byte[] source) {
    CaughtMail mail = new CaughtMail();
    if (delimiters(source) > MAX_DELIMITERS) {
      mail.broken = "TooManyParts";
      return mail;
    }
    try {
      MimeMessage message = new MimeMessage((Session) null, new ByteArrayInputStream(source));
      for (Header header : Collections.list(message.getAllHeaders())) {
        mail.headers.add(new Field(header.getName(), MailHead.decoded(header.getValue())));
      }
      mail.take(message, 0);
      if (mail.text == null && mail.html == null && mail.attachments.isEmpty()) {
        mail.broken = "NoParts";
      }
    } catch (MessagingException | IOException | RuntimeException e) {
      mail.isBroken(e); // Angus throws RuntimeExceptions at some broken e-mails, too
    }
    return mail;
  }

  /** Lines that begin as the delimiters of parts do. */
  private static int delimiters(byte[] source) {
    int found = 0;
    for (int i = 2; i < source.length; i++) {
      if (source[i] == '-' && source[i - 1] == '-' && source[i - 2] == '\n') {
        found++;
      }
    }
    return found;
  }

  private void isBroken(Exception e) {
    broken = e.getClass().getSimpleName();
  }

  private void take(MimePart part, int depth) throws MessagingException, IOException {
    if (depth > MAX_DEPTH || ++parts > MAX_PARTS) {
      throw new MessagingException("too many parts");
    }
    String type = type(part);
    if (type.startsWith("multipart/")) {
      // Not getContent, which would look for a handler of the type in the class path.
      Multipart all = new MimeMultipart(part.getDataHandler().getDataSource());
      for (int i = 0; i < all.getCount(); i++) {
        take((MimePart) all.getBodyPart(i), depth + 1);
      }
      return;
    }
    byte[] bytes = bytes(part);
    boolean shown = !Part.ATTACHMENT.equalsIgnoreCase(disposition(part));
    if (shown && type.equals("text/plain") && text == null) {
      text = new String(bytes, charset(part));
    } else if (shown && type.equals("text/html") && html == null) {
      html = new String(bytes, charset(part));
    } else {
      int number = attachments.size() + 1;
      String id = part.getContentID();
      attachments.add(
          new Attachment(
              number, name(part), type, id == null ? "" : MailHead.messageId(id), bytes));
    }
  }

  private String type(MimePart part) throws MessagingException {
    try {
      return new ContentType(part.getContentType()).getBaseType().toLowerCase(Locale.ROOT);
    } catch (MessagingException e) {
      isBroken(e);
      return "text/plain"; // what a part without a type is, too (RFC 2045)
    }
  }

  private @Nullable String disposition(MimePart part) {
    try {
      return part.getDisposition();
    } catch (MessagingException e) {
      isBroken(e);
      return null;
    }
  }

  private String name(MimePart part) {
    try {
      String name = part.getFileName();
      return name == null ? "" : MailHead.decoded(name);
    } catch (MessagingException e) {
      isBroken(e);
      return "";
    }
  }

  /** Decoded as far as it can be. */
  private byte[] bytes(MimePart part) throws MessagingException, IOException {
    try (InputStream in = part.getInputStream()) {
      return in.readAllBytes();
    } catch (IOException | MessagingException e) {
      isBroken(e);
    }
    try (InputStream raw = raw(part)) {
      return raw.readAllBytes();
    }
  }

  private static InputStream raw(MimePart part) throws MessagingException {
    return part instanceof MimeBodyPart body
        ? body.getRawInputStream()
        : ((MimeMessage) part).getRawInputStream();
  }

  private Charset charset(MimePart part) {
    try {
      String name = new ContentType(part.getContentType()).getParameter("charset");
      return name == null ? UTF_8 : Charset.forName(MimeUtility.javaCharset(name));
    } catch (MessagingException | IllegalCharsetNameException | UnsupportedCharsetException e) {
      isBroken(e);
      return ISO_8859_1; // which can show any bytes
    }
  }

  public List<Field> headers() {
    return headers;
  }

  /** The first part that is plain text; null if there is none. */
  public @Nullable String text() {
    return text;
  }

  /** The first part that is HTML, as it was written; null if there is none. */
  public @Nullable String html() {
    return html;
  }

  public List<Attachment> attachments() {
    return attachments;
  }

  /** In one word, what of it could not be understood; null if all was. */
  public @Nullable String broken() {
    return broken;
  }
}
