package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Sources of configuration that a test fills, and what is read from them. */
abstract class ConfigFixture {
  final Map<String, String> environment = new HashMap<>();
  final Map<String, String> properties = new HashMap<>();
  @TempDir Path directory;

  static Duration s(int seconds) {
    return Duration.ofSeconds(seconds);
  }

  Path file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("c.yaml"), yaml);
  }

  AppConfig load() throws ConfigException {
    return new ConfigLoader(environment::get, properties).load(null);
  }

  List<String> errors(Path file) {
    ConfigLoader loader = new ConfigLoader(environment::get, properties);
    return assertThrows(ConfigException.class, () -> loader.load(file)).errors();
  }
}
