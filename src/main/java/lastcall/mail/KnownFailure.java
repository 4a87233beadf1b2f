package lastcall.mail;

import java.io.IOException;

/** A failure whose message is its reason in words, fit for the log. It has no cause. */
final class KnownFailure extends IOException {
  private static final long serialVersionUID = 1;
  private final String detail;

  /**
   * @param detail what the server or java said, for the row only; "" for none
   */
  KnownFailure(String reason, String detail) {
    super(reason);
    this.detail = detail;
  }

  String detail() {
    return detail;
  }
}
