package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which origins are taken. */
final class CorsOriginsTest extends ConfigFixture {
  @Test
  void originsAreTextOrAList() throws Exception {
    Set<String> two = Set.of("https://a.example", "http://localhost:3000");
    properties.put("api.cors-origins", " https://a.example, http://localhost:3000,");
    assertEquals(two, load().server().corsOrigins());
    properties.clear();
    Path list =
        file("api:\n  cors-origins:\n    - https://a.example\n    - http://localhost:3000\n");
    assertEquals(
        two, new ConfigLoader(environment::get, properties).load(list).server().corsOrigins());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "www.example.org",
        "https://www.example.org/",
        "https://www.example.org/sign-up",
        "https://*.example.org",
        "https://Www.example.org",
        "https://www.example.org:443",
        "http://www.example.org:80",
        "https://a.example;https://b.example",
      })
  void wrongOrigins(String text) {
    properties.put("api.cors-origins", "https://a.example," + text);
    List<String> errors = errors(null);
    assertEquals(1, errors.size());
    assertTrue(errors.getFirst().startsWith("api.cors-origins=https://a.example," + text));
  }
}
