package lastcall.catcher;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.io.UnsupportedEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a list shows of an e-mail, decoded; empty where a header is missing.
 *
 * @param messageId without its angle brackets
 */
public record MailHead(String messageId, String from, String to, String subject, String date) {
  /** Enough for the headers of any e-mail that is not made to be too long. */
  static final int BYTES = 16 * 1024;

  private static final int MAX_HEADER = 8_192;
  private static final int SHOWN = 300;

  /**
   * @param begin of the file; what does not fit into {@link #BYTES} is not looked at
   */
  static MailHead of(byte[] begin) {
    InternetHeaders headers = headers(begin);
    return new MailHead(
        messageId(first(headers, "Message-ID")),
        first(headers, "From"),
        first(headers, "To"),
        first(headers, "Subject"),
        first(headers, "Date"));
  }

  /** Whom the headers name, in lower case. */
  static List<String> recipients(byte[] begin) {
    InternetHeaders headers = headers(begin);
    List<String> found = new ArrayList<>();
    Stream.of("To", "Cc", "Bcc")
        .map(name -> headers.getHeader(name, ","))
        .forEach(value -> found.addAll(addresses(value)));
    return List.copyOf(found);
  }

  private static List<String> addresses(@Nullable String header) {
    try {
      return header == null
          ? List.of()
          : Stream.of(InternetAddress.parseHeader(header, false))
              .map(address -> address.getAddress().toLowerCase(Locale.ROOT))
              .toList();
    } catch (MessagingException e) {
      return List.of(header.toLowerCase(Locale.ROOT)); // can at least be searched
    }
  }

  static String messageId(String header) {
    return header.strip().replaceAll("^<|>$", "");
  }

  private static InternetHeaders headers(byte[] begin) {
    InternetHeaders headers = new InternetHeaders();
    try {
      int length = Math.min(begin.length, BYTES);
      headers.load(new ByteArrayInputStream(begin, 0, length), true);
    } catch (MessagingException e) {
      // It is broken: what was read so far counts.
    }
    return headers;
  }

  private static String first(InternetHeaders headers, String name) {
    String[] values = headers.getHeader(name);
    return values == null ? "" : cut(decoded(values[0]));
  }

  /** One line of text, whatever was written. */
  static String decoded(String header) {
    String line = MimeUtility.unfold(header.substring(0, Math.min(header.length(), MAX_HEADER)));
    try {
      line = MimeUtility.decodeText(line);
    } catch (UnsupportedEncodingException | RuntimeException e) {
      // An unknown charset: it stays as it was written.
    }
    return line.replaceAll("[\\p{Cntrl}]+", " ").strip();
  }

  private static String cut(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
