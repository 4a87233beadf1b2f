/**
 * A mail server for trying things out: it speaks SMTP on loopback and delivers to nobody. {@link
 * lastcall.catcher.MailCatcher} accepts connections, and {@code CatcherSession} is the conversation
 * on one of them. What becomes of an e-mail is up to an {@link lastcall.catcher.Acceptance}: in the
 * service {@code Mailbox} writes it to a file before the 250, and the drill has one of its own.
 * {@code TroubleMaker} stands before either and plays a server in trouble.
 */
package lastcall.catcher;
