package lastcall.catcher;

import java.util.List;

/** What a {@link MailCatcher} makes of the mails it is given. Called by many threads. */
public interface Acceptance {
  /** What a client gets that has just connected. */
  default Answer greeting() {
    return Answer.line("220 localhost Lastcall's mail catcher");
  }

  /** The answer to RCPT. The recipient counts if it begins with 250. */
  default Answer recipient() {
    return Answer.line("250 2.1.5 recipient noted");
  }

  /** A mail to this recipient has begun: RCPT was answered with 250. */
  default void begins(String recipient) {}

  /** Mails to these had begun, and the client took them back or left before the final dot. */
  default void abandoned(List<String> recipients) {}

  /**
   * Returns the answer to the final dot, which may take as long as it likes.
   *
   * @param recipients as they stood between {@code <} and {@code >}
   */
  Answer accept(List<String> recipients, byte[] text) throws InterruptedException;

  /** No more mails come. */
  default void closed() {}
}
