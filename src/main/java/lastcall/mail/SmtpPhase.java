package lastcall.mail;

/** How far a send had come (RFC 5321, section 3.3). The order matters: later means further. */
public enum SmtpPhase {
  CONNECT,
  GREETING,
  EHLO,
  STARTTLS,
  AUTH,
  MAIL,
  RCPT,
  DATA,
  /**
   * The text and its final dot are out or on the way: from here on the server may have taken it.
   */
  DOT
}
