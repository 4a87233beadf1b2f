package lastcall.mail;

import java.util.function.BooleanSupplier;

/** Sends e-mails. Many threads call it at once, each for one e-mail. */
public interface Mailer extends AutoCloseable {
  /**
   * Sends and waits for the server's answer to the final dot, at most three times {@code
   * smtp.timeout} and {@code smtp.dot-timeout}. Never throws for trouble with the server.
   *
   * @param mayGoOn asked on the calling thread when the server has taken the sender, and again
   *     right before DATA and right before the final dot; false ends the send as {@link
   *     SendOutcome.NotSent}
   */
  SendOutcome send(OutgoingMail mail, BooleanSupplier mayGoOn);

  /** Ends each send that has not sent its final dot. They and all later ones return NotSent. */
  void cutUnsent();

  /** Ends also the sends that wait for the answer to their final dot. They return Unknown. */
  void cutAll();

  /** Closes the kept connections. Does not wait for sends. */
  @Override
  void close();
}
