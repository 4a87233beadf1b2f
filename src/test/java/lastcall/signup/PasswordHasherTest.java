package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;

final class PasswordHasherTest {
  /** Other programs read it, and so does a later start in another locale. */
  @Test
  void theHashIsWrittenInAsciiDigitsInEveryLocale() throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("fa", "IR"));
    try {
      String hash = new PasswordHasher(8, 1, 1).hash("correct horse");
      assertTrue(
          hash.matches("\\$argon2id\\$v=19\\$m=8,t=1,p=1\\$[\\w+/]{22}\\$[\\w+/]{43}"), hash);
    } finally {
      Locale.setDefault(before);
    }
  }
}
