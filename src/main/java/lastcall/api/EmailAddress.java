package lastcall.api;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which addresses are accepted: those that can stand in the SMTP command RCPT as they are. Quoted
 * local parts, comments, address literals and local parts beyond ASCII are refused.
 */
public final class EmailAddress {
  private static final int MAX = 254; // RFC 5321: a path of 256 with its < >
  private static final int MAX_LOCAL = 64;
  private static final Pattern LOCAL =
      Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+");

  /** Phone keyboards and copied text add them: white space, and characters that mark direction. */
  private static final Pattern AROUND =
      Pattern.compile("^[\\s\\p{Z}\\p{Cf}]++|[\\s\\p{Z}\\p{Cf}]++$");

  private EmailAddress() {}

  /**
   * The form to deliver to, without white space around it: the local part as given, at most 64
   * bytes of ASCII; the domain in lower case and punycode, at most 253 bytes, with a dot; at most
   * 254 bytes in all. Empty if the address is not acceptable.
   */
  public static Optional<String> normalise(String raw) {
    if (raw.length() > 2 * MAX) {
      return Optional.empty();
    }
    String address = AROUND.matcher(raw).replaceAll("");
    int at = address.indexOf('@');
    if (address.length() > MAX || !LOCAL.matcher(address.substring(0, Math.max(at, 0))).matches()) {
      return Optional.empty();
    }
    return DomainName.toAscii(address.substring(at + 1))
        .map(domain -> address.substring(0, at + 1) + domain)
        .filter(all -> at <= MAX_LOCAL && all.length() <= MAX);
  }
}
