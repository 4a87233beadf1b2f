package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import lastcall.config.AppConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Argon2idTest {
  /** Other programs read it, and so does a later start in another locale. */
  @Test
  void theHashIsWrittenInAsciiDigitsInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("fa", "IR"));
    try {
      String hash = new Argon2id(new AppConfig.Password(8, 1, 1)).hash("correct horse", null);
      assertTrue(
          hash.matches("\\$argon2id\\$v=19\\$m=8,t=1,p=1\\$[\\w+/]{22}\\$[\\w+/]{43}"), hash);
    } finally {
      Locale.setDefault(before);
    }
  }

  /** A row that somebody wrote by hand makes no thread work for hours, or the heap overflow. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "$argon2id$v=19$m=8,t=1,p=1",
        "$argon2i$v=19$m=8,t=1,p=1$SALT$HASH",
        "$argon2id$v=16$m=8,t=1,p=1$SALT$HASH",
        "$argon2id$v=19$m=8,t=1,p=2$SALT$HASH",
        "$argon2id$v=19$m=0,t=1,p=1$SALT$HASH",
        "$argon2id$v=19$m=8,t=0,p=1$SALT$HASH",
        "$argon2id$v=19$m=8,t=101,p=1$SALT$HASH",
        "$argon2id$v=19$m=1048577,t=1,p=1$SALT$HASH",
        "$argon2id$v=19$m=9999999,t=1,p=1$SALT$HASH",
        "$argon2id$v=19$m=99999999999,t=1,p=1$SALT$HASH",
        "$argon2id$v=19$m=-8,t=1,p=1$SALT$HASH",
        "$argon2id$v=19$m=8,t=1,p=1$SALTS$HASH",
        "$argon2id$v=19$m=8,t=1,p=1$$HASH",
        "$argon2id$v=19$m=8,t=1,p=1$SALT$HASH=",
        "$argon2id$v=19$m=8,t=1,p=1$SALT$",
        "$argon2id$v=19$m=8,t=1,p=1$SALT$HASH\n",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
      })
  void ofAHashThatIsNotOursNothingIsMade(String stored) {
    String like = stored.replace("SALT", "A".repeat(22)).replace("HASH", "A".repeat(43));
    assertEquals("", new Argon2id(new AppConfig.Password(8, 1, 1)).hash("correct horse", like));
  }

  @Test
  void theHeapBoundsTheCostOfAnOldHash() {
    long quarter = Runtime.getRuntime().maxMemory() / 4096;
    String like =
        "$argon2id$v=19$m=" + (quarter + 1) + ",t=1,p=1$" + "A".repeat(22) + "$" + "A".repeat(43);
    assertEquals("", new Argon2id(new AppConfig.Password(8, 1, 1)).hash("correct horse", like));
  }
}
