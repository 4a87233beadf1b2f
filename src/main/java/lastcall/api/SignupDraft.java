package lastcall.api;

import org.jspecify.annotations.Nullable;

/** A sign-up as the client wrote it, before validation; null where a field is missing. */
record SignupDraft(@Nullable String name, @Nullable String email, @Nullable String password) {
  @Override
  public String toString() {
    return "SignupDraft[]"; // a record's own toString would put the password into a log
  }
}
