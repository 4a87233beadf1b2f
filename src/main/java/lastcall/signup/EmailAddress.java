package lastcall.signup;

import java.net.IDN;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which addresses are accepted: those that can stand in the SMTP command RCPT as they are. Quoted
 * local parts, comments, address literals and local parts beyond ASCII are refused.
 */
public final class EmailAddress {
  private static final int MAX = 254; // RFC 5321: a path of 256 with its < >
  private static final int MAX_LOCAL = 64;
  private static final int MAX_DOMAIN = 253;
  private static final Pattern LOCAL =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+");
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

  /** At least one dot, and a last label that is no number: no local host name, no IP address. */
  private static final Pattern DOMAIN =
      Pattern.compile("(?:" + LABEL + "\\.)++(?![0-9]++$)" + LABEL);

  /**
   * Characters that {@link IDN}, which knows IDNA 2003 only, maps to others or drops. In IDNA 2008
   * they make domains of their own: fa\u00df.de is not fass.de, and the e-mail would go to a
   * stranger.
   */
  private static final Pattern REMAPPED = Pattern.compile("[\u00df\u1e9e\u03c2\u200c\u200d]");

  private EmailAddress() {}

  /**
   * The form to deliver to: the local part as given, at most 64 bytes of ASCII; the domain in lower
   * case and punycode, at most 253 bytes, with a dot; at most 254 bytes in all. Empty if the
   * address is not acceptable. White space around it is not taken off.
   */
  public static Optional<String> normalise(String raw) {
    int at = raw.indexOf('@');
    if (raw.length() > MAX || at < 1 || at > MAX_LOCAL) {
      return Optional.empty();
    }
    String local = raw.substring(0, at);
    Optional<String> domain = domain(raw.substring(at + 1));
    return domain
        .filter(d -> LOCAL.matcher(local).matches() && at + 1 + d.length() <= MAX)
        .map(d -> local + "@" + d);
  }

  private static Optional<String> domain(String raw) {
    if (REMAPPED.matcher(raw).find()) {
      return Optional.empty();
    }
    try {
      String ascii = IDN.toASCII(raw, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
      boolean good = ascii.length() <= MAX_DOMAIN && DOMAIN.matcher(ascii).matches();
      return good ? Optional.of(ascii) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * What makes an address unique: all in lower case. The RFC leaves a local part's case to its
   * host, but no host in use tells {@code Ann@} from {@code ann@}, and two accounts for one mailbox
   * would be a surprise. Mail still goes to the form that was given.
   *
   * @param normalised what {@link #normalise} has returned
   */
  public static String key(String normalised) {
    return normalised.toLowerCase(Locale.ROOT);
  }
}
