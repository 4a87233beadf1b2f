package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which names of keys and variables are read, which are refused, and which are left alone. */
final class KeyNamesTest extends ConfigFixture {
  @Test
  void unknownKeysAreRefusedInFilesAndProperties() throws Exception {
    Path file = file("smtp:\n  hots: x\nlab:\n  quue: memory\n");
    properties.put("smtp.hosst", "x");
    properties.put("user.home", "/root"); // not under our roots
    environment.put("SMTP_HOTS", "x"); // the environment belongs to all programs
    List<String> errors = errors(file);
    assertEquals(3, errors.size(), errors.toString());
    assertEquals(
        List.of(
            "lab.quue: unknown key in " + file + ": lastcall --help lists the keys",
            "smtp.hots: unknown key in " + file + ": did you mean smtp.host?",
            "smtp.hosst: unknown key in -D: did you mean smtp.host?"),
        errors);
  }

  @ParameterizedTest
  @CsvSource({
    "env, lastcall.env",
    "server.prot, server.port",
    "deadline, shutdown.deadline",
    "smtp.user, smtp.username",
    "database.pass, database.password",
    "smtp.embedded_delay, smtp.embedded-delay",
    "limits.idleTimeout, limits.idle-timeout",
    "sever.port, server.port"
  })
  void aMisspeltKeyIsToldWithTheOneThatIsMeant(String written, String meant) {
    ConfigLoader loader = new ConfigLoader(key -> null, Map.of(), Map.of(written, "x"));
    List<String> errors = assertThrows(ConfigException.class, () -> loader.load(null)).errors();
    assertEquals(List.of(written + ": unknown key in -D: did you mean " + meant + "?"), errors);
  }

  /** The missing password is no second mistake. */
  @Test
  void aMisspeltKeyIsOneError() throws Exception {
    environment.put("SMTP_USERNAME", "ann");
    environment.put("LASTCALL_ENV", "production");
    environment.put("DATABASE_URL", "jdbc:sqlite:/srv/lastcall.db");
    List<String> errors = errors(file("smtp:\n  passwrd: x\n  hots: mail.example.org\n"));
    assertEquals(2, errors.size(), errors::toString);
    assertTrue(errors.stream().allMatch(e -> e.contains("did you mean smtp.")), errors::toString);
  }

  /** Shells and images set ENV, each for a purpose of its own. */
  @Test
  void environmentOfTheShellIsNotOurs() throws Exception {
    environment.put("ENV", "/etc/shinit");
    assertEquals(AppConfig.Env.DEVELOPMENT, load().env());
  }

  /** As a compose file sets what its own environment lacks: SERVER_PORT=${SERVER_PORT}. */
  @Test
  void anEmptyVariableIsNotSet() throws Exception {
    environment.put("SERVER_PORT", "");
    environment.put("SMTP_HOST", " ");
    Path file = file("server:\n  port: 9000\n");
    AppConfig config = new ConfigLoader(environment::get, properties).load(file);
    assertEquals(9000, config.server().port());
    assertTrue(config.smtp().embedded());
  }

  @Test
  void everyOptionOnOurOwnCommandLineIsMeantForUs() {
    ConfigLoader loader =
        new ConfigLoader(key -> null, Map.of("java.home", "/x"), Map.of("sever.port", "0"));
    List<String> errors = assertThrows(ConfigException.class, () -> loader.load(null)).errors();
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.getFirst().startsWith("sever.port: unknown key"), errors::toString);
  }
}
