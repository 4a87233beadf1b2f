/**
 * Sends welcome e-mails over SMTP. {@link lastcall.mail.Mailer} is what the outbox sees; {@link
 * lastcall.mail.AngusMailer} keeps connections and lets Angus Mail speak the protocol. {@code
 * SendProgress} knows how far a send has come, and so whether the stop may still cut it.
 *
 * <p>{@link lastcall.mail.Gate} says how many sends may begin. It learns from how they end: whose
 * fault a failure is, and how many connections the server takes.
 *
 * <p>How a try ended is a {@link lastcall.mail.SendOutcome}. The final dot divides them: before it
 * the server discards the e-mail when the connection ends, after it the server may have taken it.
 */
package lastcall.mail;
