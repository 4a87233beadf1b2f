package lastcall.mail;

import java.util.function.BooleanSupplier;

/** Sends one e-mail at a time per caller; callers come from many threads. */
public interface Mailer extends AutoCloseable {
  /**
   * Sends and waits for the server's answer to the final dot, at most three times {@code
   * smtp.timeout}. Never throws for trouble with the server.
   *
   * @param mayGoOn asked right before DATA, and again right before the final dot, on the calling
   *     thread; false ends the send as {@link SendOutcome.NotSent}
   */
  SendOutcome send(WelcomeMail mail, BooleanSupplier mayGoOn);

  /** Ends every send that has not sent its final dot, and every later one, as not sent. */
  void cutUnsent();

  /** Ends those too that wait for the answer to their final dot: they come back as unknown. */
  void cutAll();

  /** Closes the kept connections. Does not wait for sends. */
  @Override
  void close();
}
