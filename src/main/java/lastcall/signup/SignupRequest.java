package lastcall.signup;

import org.jspecify.annotations.Nullable;

/**
 * A valid sign-up. Made by {@link SignupValidation} only.
 *
 * @param email as it will be delivered to: ASCII local part, domain in punycode
 * @param idempotencyKey at most 64 visible ASCII characters, or null
 */
public record SignupRequest(
    String name, String email, String password, @Nullable String idempotencyKey) {
  @Override
  public String toString() {
    return "SignupRequest[]"; // a record's own toString would put the password into a log
  }
}
