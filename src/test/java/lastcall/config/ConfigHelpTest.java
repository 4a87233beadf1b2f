package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What --help says about the keys. */
final class ConfigHelpTest {
  @Test
  void itListsEveryKeyWithItsDefault() {
    Map<String, String> expected = new TreeMap<>();
    Map<?, ?> yaml = new Yaml().load(ConfigHelpTest.class.getResourceAsStream("/application.yaml"));
    flatten("", yaml, expected);
    Map<String, String> listed = new TreeMap<>();
    Pattern.compile("(?m)^  ([a-z.-]+)=(.*)$")
        .matcher(ConfigHelp.text())
        .results()
        .forEach(line -> listed.put(line.group(1), line.group(2)));
    assertTrue(expected.size() > 30, expected::toString);
    assertEquals(expected, listed);
  }

  private static void flatten(String prefix, Map<?, ?> tree, Map<String, String> into) {
    tree.forEach((name, value) -> {
      if (value instanceof Map<?, ?> below) {
        flatten(prefix + name + ".", below, into);
      } else {
        into.put(prefix + name, String.valueOf(value));
      }
    });
  }

  @Test
  void reasonsStandBelowTheirKey() {
    String help = ConfigHelp.text();
    assertTrue(
        help.contains("\n  server.port=8080\n      0 picks a free port, and the log names it\n"),
        help);
    assertTrue(help.contains("rest in the database;\n      by default due with SQLite"), help);
    assertTrue(help.contains("\n  password: the cost of one Argon2id hash"), help);
    assertTrue(help.startsWith("Every key with its default"), help);
  }
}
