package lastcall.mail;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a send did not end in 250.
 *
 * @param phase where it ended
 * @param code the reply code, 0 when no reply came
 * @param enhanced the enhanced status code (RFC 3463), "" when there was none
 * @param detail the reply, or what java said of the failure; "" for nothing. It is for the row
 *     only: it may hold an address, so it is never logged. One line of at most 500 characters.
 * @param reason in words for the log, such as "connection refused"; no text of a reply is in it
 */
public record SmtpFailure(
    SmtpPhase phase, int code, String enhanced, String detail, String reason) {
  private static final Pattern ENHANCED =
      Pattern.compile("^[245]\\d\\d[ -]([245]\\.\\d{1,3}\\.\\d{1,3})\\b");
  // The code before each further line, and characters that would steer a terminal, end a line or
  // turn the direction of what follows.
  private static final Pattern UNFIT =
      Pattern.compile("\\n\\d{3}(?:[- ]|$)|[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+");
  private static final int MAX_TEXT = 500;

  /** A missing reply is the server's fault. */
  public Fault fault() {
    boolean refusal = code / 100 == 4 || code / 100 == 5;
    return refusal ? ReplyRules.fault(phase, code, enhanced) : Fault.SERVER;
  }

  static SmtpFailure of(SmtpPhase phase, int code, String reply, String reason) {
    Matcher enhanced = ENHANCED.matcher(reply);
    return new SmtpFailure(
        phase,
        code,
        enhanced.find() ? enhanced.group(1) : "",
        cut(UNFIT.matcher(reply).replaceAll(" ").strip()),
        reason);
  }

  /** For the row: the reason, and what the server or java said. At most 500 characters. */
  public String text() {
    String said = code == 0 ? detail : detail.replaceFirst("^\\d{3}[- ]?", "");
    return cut(said.isEmpty() ? reason : reason + ": " + said);
  }

  /** Two chars make one character beyond the first plane, and half of one is no text. */
  private static String cut(String text) {
    if (text.length() <= MAX_TEXT) {
      return text;
    }
    boolean half = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1));
    return text.substring(0, half ? MAX_TEXT - 1 : MAX_TEXT);
  }
}
