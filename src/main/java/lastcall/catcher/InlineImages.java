package lastcall.catcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts the images that an e-mail brings along into its HTML, which then needs nothing else. */
public final class InlineImages {
  private static final Pattern REFERENCE = Pattern.compile("(?i)\\bcid:([^\"'\\s<>)]{1,200})");

  /** Beyond this, images stay away: a small e-mail can name a large image many times. */
  static final int MAX_LENGTH = 4 << 20;

  private InlineImages() {}

  /** The HTML with {@code data:} where it had {@code cid:} of an image among the attachments. */
  public static String fill(String html, List<CaughtMail.Attachment> attachments) {
    StringBuilder filled = new StringBuilder();
    Matcher reference = REFERENCE.matcher(html);
    while (reference.find()) {
      String id = id(reference.group(1));
      String image =
          attachments.stream()
              .filter(a -> a.contentId().equals(id) && a.type().matches("image/[a-z0-9.+-]+"))
              .findFirst()
              .filter(a -> filled.length() + a.bytes().length * 4L / 3 < MAX_LENGTH)
              .map(a -> "data:" + a.type() + ";base64," + base64(a.bytes()))
              .orElse(reference.group());
      reference.appendReplacement(filled, Matcher.quoteReplacement(image));
    }
    return reference.appendTail(filled).toString();
  }

  /** In HTML it may be percent-encoded (RFC 2392). */
  private static String id(String written) {
    try {
      return URLDecoder.decode(written.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException e) {
      return written;
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
