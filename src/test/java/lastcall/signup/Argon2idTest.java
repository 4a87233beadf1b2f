package lastcall.signup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import lastcall.config.AppConfig;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Argon2idTest {
  @Test
  void hashVerifies() {
    Argon2id argon2id = new Argon2id(new AppConfig.Password(64, 3, 4));
    String phc = argon2id.hash("p\u00e4ssword", null);
    String[] parts = phc.split("\\$");
    assertEquals("argon2id v=19 m=64,t=3,p=1", parts[1] + " " + parts[2] + " " + parts[3]);
    byte[] salt = Base64.getDecoder().decode(parts[4]);
    byte[] hash = Base64.getDecoder().decode(parts[5]);
    assertEquals("16 32", salt.length + " " + hash.length);
    var verify = new Argon2BytesGenerator();
    verify.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(0x13)
            .withMemoryAsKB(64)
            .withIterations(3)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] again = new byte[32];
    verify.generateBytes("p\u00e4ssword".getBytes(StandardCharsets.UTF_8), again);
    assertArrayEquals(hash, again);
    assertNotEquals(phc, argon2id.hash("p\u00e4ssword", null), "a salt for each");
  }

  /** Rows of earlier starts are still compared when the cost was lowered since, and when raised. */
  @ParameterizedTest
  @CsvSource({"8, 5", "64, 1", "32, 3"})
  void aHashIsMadeAgainAtItsOwnCost(int kib, int iterations) {
    Argon2id now = new Argon2id(new AppConfig.Password(32, 3, 1));
    String stored = new Argon2id(new AppConfig.Password(kib, iterations, 1)).hash("correct", null);
    assertEquals(stored, now.hash("correct", stored));
    assertNotEquals(stored, now.hash("incorrect", stored));
  }

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
