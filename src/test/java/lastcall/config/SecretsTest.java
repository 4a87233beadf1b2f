package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Passwords and the token: text as it was written, from every source and from files. */
final class SecretsTest extends ConfigFixture {
  @BeforeEach
  void username() {
    environment.put("SMTP_USERNAME", "ann");
  }

  private String password(String yaml) throws Exception {
    return new ConfigLoader(environment::get, properties).load(file(yaml)).smtp().password();
  }

  /** YAML 1.1 makes of these octal numbers, base 60, dates, booleans, floats, or nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0123456",
        "12:34:56",
        "190:20:30",
        "1_000",
        "0x1F",
        "0b101",
        "1e3",
        "6.02e+23",
        "1.10",
        ".inf",
        ".nan",
        "yes",
        "No",
        "on",
        "OFF",
        "true",
        "True",
        "null",
        "~",
        "2001-12-14",
        "2001-12-14t21:59:43.10-05:00",
        "+1",
        "1.0",
        "=",
        "00",
        "08"
      })
  void aPlainScalarIsText(String written) throws Exception {
    assertEquals(written, password("smtp:\n  password: " + written + "\n"));
    assertEquals(written, password("smtp: {password: " + written + "}\n"));
    assertEquals(written, password("smtp.password: " + written + "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"  secret  \"|  secret  ",
        "'  secret\t'|  secret\t",
        "\"\\u00a0s\\t\"|\u00a0s\t",
        "!!str 012|012",
        "a b  c|a b  c",
        "a\\b${smtp.host}%41|a\\b${smtp.host}%41",
        "\"0123\"|0123"
      })
  void whiteSpaceBelongsToAPassword(String yaml, String password) throws Exception {
    assertEquals(password, password("smtp:\n  password: " + yaml + "\n"));
    properties.put("smtp.password", password);
    assertEquals(password, load().smtp().password());
    environment.put("SMTP_PASSWORD", password);
    assertEquals(
        password, new ConfigLoader(environment::get, Map.of()).load(null).smtp().password());
  }

  @Test
  void anEmptyValueIsNone() throws Exception {
    environment.clear();
    environment.put("SMTP_PASSWORD", "");
    environment.put("MANAGEMENT_TOKEN", "");
    assertNull(password("smtp:\n  password:\n  username: \"\"\ndatabase:\nserver: {}\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[a, b]", "{a: b}", "[]", "{}", "{a: {b: [c]}}", "\n    - a", "[[a]]"})
  void aListOrMapIsOneError(String value) throws Exception {
    Path file = file("smtp:\n  password: " + value + "\n");
    assertEquals(
        List.of("smtp.password: must be one value, not a list or a map (from " + file + ")"),
        errors(file));
  }

  @ParameterizedTest
  @CsvSource({
    "'smtp:\n  port: 1\n  port: 2\n', a key is set twice at line 3",
    "'- smtp', keys and values",
    "'smtp', keys and values",
    "'smtp: !!java.net.URL [x]', line 1",
    "'a: 1\n---\nb: 2\n', not YAML",
  })
  void aFileThatIsNoMap(String yaml, String why) throws Exception {
    environment.clear();
    List<String> errors = errors(file(yaml));
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.getFirst().contains(why), errors::toString);
  }

  @Test
  void mergedMapsAreStillMerged() throws Exception {
    Path file = file("smtp: &m {port: 026}\nserver:\n  <<: *m\n");
    AppConfig config = new ConfigLoader(key -> null, Map.of()).load(file);
    assertEquals("26 26", config.smtp().port() + " " + config.server().port());
  }

  /** As Kubernetes mounts a secret: a link to a file that everybody may read. */
  @Test
  void secretsComeFromFiles() throws Exception {
    environment.put("SMTP_PASSWORD_FILE", secret("a", " s\u00e9cret \n").toString());
    Path link = Files.createSymbolicLink(directory.resolve("link"), secret("b", "two\r\n\n"));
    properties.put("database.password-file", link.toString());
    properties.put("database.url", "jdbc:postgresql://127.0.0.1/x");
    properties.put("database.user", "bob");
    String token = "0123456789abcdef";
    Path file = file("management.token-file: " + secret("c", token) + "\n");
    AppConfig config = new ConfigLoader(environment::get, properties).load(file);
    assertEquals(" s\u00e9cret ", config.smtp().password());
    assertEquals("two\r\n", config.database().password());
    assertEquals(token, config.management().token());
    assertFalse(config.toString().matches("(?s).*(cret|two|0123).*"), config::toString);
  }

  @Test
  void allThatIsWrongWithSecretsIsToldAtOnceAndNoneIsPrinted() throws Exception {
    properties.put("smtp.password", "hunter2");
    properties.put("smtp.password-file", secret("a", "hunter3").toString());
    Path none = directory.resolve("none");
    properties.put("database.password-file", none.toString());
    properties.put("database.url", "jdbc:postgresql://127.0.0.1/x");
    properties.put("database.user", "bob");
    properties.put("management.host", "0.0.0.0");
    Path token = secret("c", "hunter4\n");
    properties.put("management.token-file", token.toString());
    assertEquals(
        List.of(
            "database.password-file="
                + (none + " (from -D): can't read the file: no such file or directory"),
            "management.token-file="
                + (token + " (from -D): the token must have at least 16 characters, all of them")
                + " visible ASCII",
            "smtp.password-file="
                + (directory.resolve("a") + " (from -D): smtp.password is set, too: set only one")
                + " of the two"),
        errors(null));
  }

  @Test
  void aSecretFileMustHoldASecret() throws Exception {
    assertEquals("it is empty", trouble(secret("a", "")));
    assertEquals("it is empty", trouble(secret("a", "\n")));
    assertEquals("it has more than 4096 bytes", trouble(secret("a", "\u00e9".repeat(2049))));
    assertEquals("is a directory", trouble(directory));
    Files.write(directory.resolve("latin"), new byte[] {'h', (byte) 0xe9});
    assertEquals("it is not text in UTF-8", trouble(directory.resolve("latin")));
    if (Files.exists(Path.of("/dev/zero"))) {
      assertEquals("is no regular file", trouble(Path.of("/dev/zero")));
    }
    properties.put("smtp.password-file", secret("a", "s".repeat(4096)).toString());
    assertEquals("s".repeat(4096), load().smtp().password());
    properties.put("smtp.password-file", "a\0b");
    assertTrue(errors(null).getFirst().contains("must be the path of a file"), "NUL");
  }

  private String trouble(Path file) {
    properties.put("smtp.password-file", file.toString());
    List<String> errors = errors(null);
    assertEquals(1, errors.size(), errors::toString);
    String head = "smtp.password-file=" + file + " (from -D): can't read the file: ";
    assertTrue(errors.getFirst().startsWith(head), errors::toString);
    return errors.getFirst().substring(head.length());
  }

  @Test
  void aPasswordFileIsForPostgresqlOnlyAndNeedsAUsername() throws Exception {
    environment.clear();
    properties.put("database.password-file", secret("a", "x").toString());
    properties.put("smtp.password-file", secret("b", "x").toString());
    List<String> errors = errors(null);
    assertEquals(2, errors.size(), errors::toString);
    assertTrue(errors.get(0).startsWith("database.password-file="), errors::toString);
    assertTrue(errors.get(1).startsWith("smtp.password-file="), errors::toString);
    assertTrue(errors.get(1).endsWith("go together: set both, or none"), errors::toString);
  }

  /** White space at its ends would be cut off in the header, and the token would never match. */
  @ParameterizedTest
  @ValueSource(strings = {"0123456789abcdef ", "0123456789 abcdef", "0123456789abcd\u00e9f"})
  void aTokenThatNoHeaderCarriesIsRefused(String token) {
    environment.clear();
    properties.put("management.token", token);
    List<String> errors = errors(null);
    assertEquals(1, errors.size(), errors::toString);
    assertFalse(errors.getFirst().contains(token), errors::toString);
  }

  private Path secret(String name, String content) throws Exception {
    return Files.writeString(directory.resolve(name), content);
  }
}
