package lastcall.catcher;

import java.util.List;

/** What a {@link MailCatcher} makes of the mails it is given. Called by many threads. */
public interface Acceptance {
  /** The first line of a conversation; one that begins with 421 ends it. */
  default String greeting() {
    return "220 localhost Lastcall's mail catcher";
  }

  /** A mail to this recipient has begun: RCPT was answered with 250. */
  default void begins(String recipient) {}

  /** Mails to these had begun, and the client took them back or left before the final dot. */
  default void abandoned(List<String> recipients) {}

  /**
   * Returns the reply to the final dot, which may take as long as it likes; 421 ends the
   * conversation.
   *
   * @param recipients as they stood between {@code <} and {@code >}
   */
  String accept(List<String> recipients, byte[] text) throws InterruptedException;
}
