package lastcall.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What mail clients show as a link, though it is plain text. */
final class Links {
  /** Zero-width characters, variation selectors and fillers, which may stand between letters. */
  private static final Pattern INVISIBLE =
      Pattern.compile(
          "[\\p{Cf}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\ufe00-\ufe0f\\x{e0100}-\\x{e01ef}]");

  private static final Pattern DOT = Pattern.compile("[\u3002\u06d4\u0701\u0702\ua4f8]");
  private static final Pattern SLASH = Pattern.compile("[\u2044\u2215\u29f8]");
  private static final Pattern COLON = Pattern.compile("[\u02d0\u05c3\u2236\ua789]");

  private static final Pattern CERTAIN =
      Pattern.compile(
          "(?i)@|//|\\\\\\\\|(?<![\\p{L}\\p{N}])(?:"
              + "(?:https?|ftps?|mailto|tel|sms|callto|skype|tg|whatsapp|xmpp|sip|magnet|bitcoin"
              + "|javascript|data|file|facetime|viber|geo|news|irc|itms|market):\\S"
              + "|www\\d{0,3}\\.\\S|\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\p{L}\\p{N}]))");

  /** Two or more labels, and what makes a path, a query or a port of what follows. */
  private static final Pattern DOTTED =
      Pattern.compile(
          "(?<host>[\\p{L}\\p{N}\\p{M}\\p{So}_-]++(?:\\.[\\p{L}\\p{N}\\p{M}\\p{So}_-]++)++)(?<path>/|[?#]\\S|:\\d)?");

  /**
   * One capital letter and a dot each, and a capital again: J.R.Kim is a name, though there is a
   * domain kim. Nobody is a Com. What is written otherwise may be t.me or x.Club.
   */
  private static final Pattern INITIALS =
      Pattern.compile(
          "(?:[\\p{Lu}\\p{Lt}\\p{Lo}]\\.)++"
              + "(?!(?i:com|net|org|info|biz|io|app|dev|xyz|top|site|shop|online|club|link)$)"
              + "[\\p{Lu}\\p{Lt}\\p{Lo}][^.]*+");

  /** Marks on letters, which would take a domain off the list and be no hindrance to a click. */
  private static final Pattern MARKS = Pattern.compile("\\p{M}+");

  private static final Set<String> TOP_LEVEL_DOMAINS = topLevelDomains();

  private Links() {}

  static boolean foundIn(String text) {
    if (text.chars().allMatch(c -> c < 0x80 && "@/\\:.".indexOf(c) < 0)) {
      return false; // in ASCII, each of the patterns needs one of these
    }
    String plain = Normalizer.normalize(text, Normalizer.Form.NFKC);
    plain = INVISIBLE.matcher(plain).replaceAll("");
    plain = DOT.matcher(plain).replaceAll(".");
    plain = SLASH.matcher(plain).replaceAll("/");
    plain = COLON.matcher(plain).replaceAll(":");
    if (CERTAIN.matcher(plain).find()) {
      return true;
    }
    Matcher dotted = DOTTED.matcher(plain);
    while (dotted.find()) {
      String host = dotted.group("host");
      String last = host.substring(host.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      boolean path = dotted.group("path") != null && last.length() > 1;
      boolean domain =
          TOP_LEVEL_DOMAINS.contains(last)
              || TOP_LEVEL_DOMAINS.contains(MARKS.matcher(last).replaceAll(""))
              || last.startsWith("xn--");
      if (path || (domain && !INITIALS.matcher(host).matches())) {
        return true;
      }
    }
    return false;
  }

  /** Without it St.John would be a link, as bit.ly is. */
  private static Set<String> topLevelDomains() {
    try (InputStream in = Links.class.getResourceAsStream("top-level-domains.txt")) {
      if (in == null) {
        throw new IllegalStateException("missing from the jar: top-level-domains.txt");
      }
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Set.copyOf(Arrays.asList(all.strip().split("\\s+")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
