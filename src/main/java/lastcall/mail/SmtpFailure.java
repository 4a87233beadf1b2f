package lastcall.mail;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a send did not end in 250.
 *
 * @param phase where it ended
 * @param code the reply code, 0 when no reply came
 * @param enhanced the enhanced status code (RFC 3463), "" when there was none
 * @param text the reply or the exception, for the row only: it may hold an address, so it is never
 *     logged. At most 500 characters.
 * @param reason in words for the log, such as "connection refused"; nothing of the reply is in it
 */
public record SmtpFailure(SmtpPhase phase, int code, String enhanced, String text, String reason) {
  private static final Pattern ENHANCED =
      Pattern.compile("^[245]\\d\\d[ -]([245]\\.\\d{1,3}\\.\\d{1,3})\\b");
  private static final int MAX_TEXT = 500;

  /** A missing reply is the server's fault. */
  public Fault fault() {
    boolean refusal = code / 100 == 4 || code / 100 == 5;
    return refusal ? ReplyRules.fault(phase, code, enhanced) : Fault.SERVER;
  }

  static SmtpFailure of(SmtpPhase phase, int code, String text, String reason) {
    Matcher enhanced = ENHANCED.matcher(text);
    String shown = text.strip();
    return new SmtpFailure(
        phase,
        code,
        enhanced.find() ? enhanced.group(1) : "",
        shown.substring(0, Math.min(shown.length(), MAX_TEXT)),
        reason);
  }
}
