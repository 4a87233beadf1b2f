package lastcall.signup;

import java.util.Optional;

/** Placeholder of branch http, to be replaced by the mail helper's. */
public final class EmailAddress {
  private EmailAddress() {}

  /** The address as it will be delivered to, or empty when it can't be one. */
  public static Optional<String> normalise(String raw) {
    return raw.length() <= 254 && raw.matches("[!-~&&[^@<>,;:\\\\\"()\\[\\]]]{1,64}@[A-Za-z0-9.-]+")
        ? Optional.of(raw)
        : Optional.empty();
  }
}
