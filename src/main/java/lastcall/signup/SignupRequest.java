package lastcall.signup;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A valid sign-up: whoever makes one has checked each value.
 *
 * @param email as it will be delivered to: ASCII local part, domain in punycode
 * @param idempotencyKey at most 64 visible ASCII characters, or null
 * @param traceparent a valid W3C trace context, or null
 */
public record SignupRequest(
    String name,
    String email,
    String password,
    @Nullable String idempotencyKey,
    @Nullable String traceparent) {
  /**
   * What makes an address unique: all in lower case. The RFC leaves a local part's case to its
   * host, but no host in use tells {@code Ann@} from {@code ann@}, and two accounts for one mailbox
   * would be a surprise. Mail still goes to the form that was given.
   */
  public String emailKey() {
    return email.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "SignupRequest[]"; // a record's own toString would put the password into a log
  }
}
