package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import lastcall.config.AppConfig;
import org.junit.jupiter.api.Test;

final class Argon2idTest {
  /** Other programs read it, and so does a later start in another locale. */
  @Test
  void theHashIsWrittenInAsciiDigitsInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("fa", "IR"));
    try {
      String hash = new Argon2id(new AppConfig.Password(8, 1, 1)).hash("correct horse");
      assertTrue(
          hash.matches("\\$argon2id\\$v=19\\$m=8,t=1,p=1\\$[\\w+/]{22}\\$[\\w+/]{43}"), hash);
    } finally {
      Locale.setDefault(before);
    }
  }
}
