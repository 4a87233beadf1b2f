package lastcall.signup;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a draft into a sign-up that the rest of the service need not look at again. */
public final class SignupValidation {
  private static final int MAX_NAME_BYTES = 500;
  private static final int MIN_PASSWORD = 8;
  private static final int MAX_PASSWORD = 128;
  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private SignupValidation() {}

  public sealed interface Result {}

  public record Valid(SignupRequest request) implements Result {}

  /** Every wrong field, in the order name, email, password; never empty. */
  public record Invalid(List<FieldError> errors) implements Result {}

  /**
   * @param pointer a JSON pointer (RFC 6901) into the request's body
   * @param detail for the client; it never repeats the value
   */
  public record FieldError(String pointer, String detail) {}

  public static Result check(SignupDraft draft, @Nullable String idempotencyKey) {
    List<FieldError> errors = new ArrayList<>();
    String name = required("/name", draft.name(), errors);
    if (name != null) {
      nameError(name).ifPresent(detail -> errors.add(new FieldError("/name", detail)));
    }
    String rawEmail = required("/email", draft.email(), errors);
    String email = rawEmail == null ? null : EmailAddress.normalise(rawEmail).orElse(null);
    if (rawEmail != null && email == null) {
      errors.add(new FieldError("/email", "must be an e-mail address we can deliver to"));
    }
    String password = required("/password", draft.password(), errors);
    if (password != null) {
      int length = password.codePointCount(0, password.length());
      if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
        errors.add(new FieldError("/password", "must have 8 to 128 characters"));
      }
    }
    if (name == null || email == null || password == null || !errors.isEmpty()) {
      return new Invalid(List.copyOf(errors));
    }
    return new Valid(new SignupRequest(name, email, password, idempotencyKey));
  }

  private static @Nullable String required(
      String pointer, @Nullable String value, List<FieldError> errors) {
    if (value == null) {
      errors.add(new FieldError(pointer, "is missing"));
    }
    return value;
  }

  private static Optional<String> nameError(String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
      return Optional.of("must not be longer than 500 bytes in UTF-8");
    }
    if (name.codePoints().anyMatch(SignupValidation::forbidden)) {
      return Optional.of("must not contain control, direction or other invisible characters");
    }
    if (name.codePoints().noneMatch(SignupValidation::visible)) {
      return Optional.of("must not be blank");
    }
    return Optional.empty();
  }

  // Joiners are part of names in several scripts and of many emoji. Unassigned code points may be
  // letters of a later Unicode than this JDK's, so of these only the non-characters are refused.
  private static boolean forbidden(int c) {
    return switch (Character.getType(c)) {
      case Character.FORMAT -> c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER;
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    };
  }

  private static boolean visible(int c) {
    return !Character.isSpaceChar(c) && Character.getType(c) != Character.FORMAT;
  }
}
