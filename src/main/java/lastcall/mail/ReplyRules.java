package lastcall.mail;

import static lastcall.mail.SmtpPhase.AUTH;
import static lastcall.mail.SmtpPhase.CONNECT;
import static lastcall.mail.SmtpPhase.DOT;
import static lastcall.mail.SmtpPhase.MAIL;
import static lastcall.mail.SmtpPhase.RCPT;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Whose fault a 4xx or 5xx reply tells of: the basic code (RFC 5321), the enhanced code (RFC 3463)
 * and the phase, read together. The first rule that fits counts. docs/operations.md shows this
 * table with an example for each rule; a test walks through it.
 */
final class ReplyRules {
  private static final String ANY = ".*";

  static final List<Rule> RULES =
      List.of(
          rule("530|534|535|538", ANY, CONNECT, DOT, Fault.LOGIN),
          rule("5..", ANY, AUTH, AUTH, Fault.LOGIN),
          rule("...", ANY, CONNECT, MAIL, Fault.SERVER), // no recipient has been named yet
          rule("421", ANY, RCPT, DOT, Fault.SERVER),
          rule("500|502|503|504", ANY, RCPT, DOT, Fault.SERVER), // our commands
          rule("...", ".\\.1\\.[78]", RCPT, DOT, Fault.SERVER), // the sender's address
          rule("...", ".\\.[126]\\..*", RCPT, DOT, Fault.RECIPIENT), // address, mailbox, content
          rule("...", ".\\.3\\..*", RCPT, DOT, Fault.SERVER), // its disk, its load, its settings
          rule("...", ".\\.4\\.[345]", RCPT, DOT, Fault.SERVER), // its directory, routes, quota
          rule("...", ".\\.4\\..*", RCPT, DOT, Fault.RECIPIENT), // the recipient's own server
          rule("...", ".\\.5\\.[24]", RCPT, RCPT, Fault.RECIPIENT), // the form of this address
          rule("...", ".\\.5\\..*", RCPT, DOT, Fault.SERVER), // how we speak SMTP
          rule("...", "4\\.7\\.1", RCPT, DOT, Fault.RECIPIENT), // greylisting
          rule("...", ".\\.7\\..*", RCPT, DOT, Fault.SERVER), // what it thinks of us
          rule("452", ANY, RCPT, DOT, Fault.SERVER), // "insufficient system storage"
          rule("...", ANY, RCPT, DOT, Fault.RECIPIENT));

  record Rule(Pattern code, Pattern enhanced, SmtpPhase first, SmtpPhase last, Fault fault) {
    boolean fits(SmtpPhase phase, int replyCode, String replyEnhanced) {
      return phase.compareTo(first) >= 0
          && phase.compareTo(last) <= 0
          && code.matcher(Integer.toString(replyCode)).matches()
          && enhanced.matcher(replyEnhanced).matches();
    }
  }

  private ReplyRules() {}

  private static Rule rule(
      String code, String enhanced, SmtpPhase first, SmtpPhase last, Fault fault) {
    return new Rule(Pattern.compile(code), Pattern.compile(enhanced), first, last, fault);
  }

  /**
   * @param code of the reply, 400 to 599
   * @param enhanced such as "4.7.1", "" if the reply has none
   */
  static Fault fault(SmtpPhase phase, int code, String enhanced) {
    for (Rule rule : RULES) {
      if (rule.fits(phase, code, enhanced)) {
        return rule.fault();
      }
    }
    throw new IllegalArgumentException("not a refusal: " + code); // the last rules take all
  }
}
