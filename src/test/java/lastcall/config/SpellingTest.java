package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is taken for a misspelt name of ours, and what is left alone. */
final class SpellingTest {
  @ParameterizedTest
  @CsvSource({
    "port, port, 0",
    "prot, port, 1",
    "pot, port, 1",
    "poort, port, 1",
    "post, port, 1",
    "tropp, port, 4",
    "'', port, 4",
    "ca, abc, 3"
  })
  void mistakes(String written, String name, int mistakes) {
    assertEquals(mistakes, Spelling.mistakes(written, name));
    assertEquals(mistakes, Spelling.mistakes(name, written));
  }

  @ParameterizedTest
  @CsvSource({"smtp.hots, smtp.host", "smtp.user, smtp.username", "smtp.hostname, smtp.host"})
  void theNearestNameIsMeant(String written, String meant) {
    List<String> names = List.of("server.host", "smtp.host", "smtp.port", "smtp.username");
    assertEquals(meant, Spelling.meant(written, names, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "SERVER_PROT, SERVER_PORT",
    "SMTP_HOTS, SMTP_HOST",
    "SMTP_PASS, SMTP_PASSWORD",
    "DATABASE_USERNAME, DATABASE_USER",
    "LASTCAL_ENV, LASTCALL_ENV",
    "LASTCALL_ENVIRONMENT, LASTCALL_ENV",
    "SHUTDOWN_DAEDLIME, SHUTDOWN_DEADLINE",
    "SMTP_EMBEDDED.DELAY, SMTP_EMBEDDED_DELAY"
  })
  void aMisspeltVariableIsNoticed(String written, String meant) {
    assertEquals(Map.of(written, meant), ConfigLoader.misspelt(Map.of(written, "x")));
  }

  /** Other programs' variables, java's, and those that Kubernetes sets for Services. */
  @Test
  void otherVariablesAreNot() {
    Map<String, String> others =
        Map.ofEntries(
            Map.entry("ENV", "/etc/shinit"),
            Map.entry("SERVER_NAME", "x"),
            Map.entry("SERVER_ROOT", "/srv"),
            Map.entry("SERVER_SERVICE_HOST", "10.0.0.1"),
            Map.entry("SERVER_SERVICE_PORT", "80"),
            Map.entry("SERVER_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            Map.entry("SERVER_PORT_8080_TCP_ADDR", "10.0.0.1"),
            Map.entry("SMTPS_PORT", "tcp://10.0.0.1:465"),
            Map.entry("DATABASE_NAME", "x"),
            Map.entry("LASTCALL_JAVA_OPTS", "-Xmx1g"),
            Map.entry("LASTCALL_TEST_POSTGRES", "x"),
            Map.entry("SMTP_HOTS", ""),
            Map.entry("SERVER_PORT", "1"),
            Map.entry("SMTP_PORT", "tcp://10.0.0.1:25")); // this one is refused
    assertEquals(Map.of(), ConfigLoader.misspelt(others));
  }
}
