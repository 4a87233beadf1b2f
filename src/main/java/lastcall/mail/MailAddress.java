package lastcall.mail;

import jakarta.mail.internet.InternetAddress;
import java.util.regex.Pattern;

/** The last check before an address becomes part of an SMTP command. */
final class MailAddress {
  private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
  private static final Pattern PLAIN =
      Pattern.compile(ATOM + "(?:\\." + ATOM + ")*+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*+");

  private MailAddress() {}

  /**
   * Takes {@code local@domain} in ASCII only. Angus is too generous: it cuts characters to a byte,
   * and after {@code >} adds whatever follows to the RCPT command.
   *
   * @throws IllegalArgumentException for anything else; the message does not hold the address
   */
  static InternetAddress strict(String address) {
    if (address.length() > 254 || !PLAIN.matcher(address).matches()) {
      throw new IllegalArgumentException("not a plain ASCII e-mail address");
    }
    InternetAddress result = new InternetAddress();
    result.setAddress(address);
    return result;
  }
}
