package lastcall.api;

import java.util.ArrayList;
import java.util.List;
import lastcall.http.ProblemDetails.FieldError;
import lastcall.signup.SignupRequest;
import org.jspecify.annotations.Nullable;

/** Turns a draft into a sign-up that the rest of the service need not look at again. */
final class SignupValidation {
  private static final int MIN_PASSWORD = 8;
  private static final int MAX_PASSWORD = 128;

  private SignupValidation() {}

  sealed interface Result {}

  record Valid(SignupRequest request) implements Result {}

  /**
   * @param errors every wrong field, in the order name, email, password; never empty. They don't
   *     repeat the values.
   */
  record Invalid(List<FieldError> errors) implements Result {}

  static Result check(
      SignupDraft draft, @Nullable String idempotencyKey, @Nullable String traceparent) {
    List<FieldError> errors = new ArrayList<>();
    String name = required("/name", draft.name(), errors);
    if (name != null) {
      PersonName.wrong(name).ifPresent(detail -> errors.add(new FieldError("/name", detail)));
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
    return new Valid(new SignupRequest(name, email, password, idempotencyKey, traceparent));
  }

  private static @Nullable String required(
      String pointer, @Nullable String value, List<FieldError> errors) {
    if (value == null) {
      errors.add(new FieldError(pointer, "is missing"));
    }
    return value;
  }
}
