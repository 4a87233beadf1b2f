package lastcall.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the sources together: application.yaml in the jar (it lists every key there is), then {@code
 * --config FILE}, then the environment, then system properties; later ones win. Unknown keys are
 * refused in the file, on our own command line, and among the system properties under our roots.
 * The environment belongs to all programs: it is only asked for the keys that exist, and {@link
 * #misspelt} finds the variables that were probably meant for us.
 */
public final class ConfigLoader {
  private final Function<String, @Nullable String> environment;
  private final Map<String, String> properties;
  private final Map<String, String> options;

  /** The same, without -D on our own command line. */
  public ConfigLoader(
      Function<String, @Nullable String> environment, Map<String, String> properties) {
    this(environment, properties, Map.of());
  }

  /**
   * @param environment looks up an environment variable; null when it is not set
   * @param properties system properties, of which those under our roots count
   * @param options -D on our own command line, all of them meant for us; they win over properties
   */
  public ConfigLoader(
      Function<String, @Nullable String> environment,
      Map<String, String> properties,
      Map<String, String> options) {
    this.environment = environment;
    this.properties = properties;
    this.options = options;
  }

  /**
   * @param file from --config, or null
   * @throws ConfigException with all mistakes that were found
   */
  public AppConfig load(@Nullable Path file) throws ConfigException {
    Map<String, String> merged = defaults();
    Set<String> keys = new TreeSet<>(merged.keySet());
    List<String> errors = new ArrayList<>();
    Set<String> meant = new HashSet<>();

    Map<String, String> fromFile = new HashMap<>();
    if (file != null) {
      fromFile.putAll(readFile(file, keys, errors, meant));
      unknown(fromFile.keySet(), keys, file.toString(), meant).forEach(errors::add);
    }
    Map<String, String> fromEnvironment = new HashMap<>();
    for (String key : keys) {
      String value = environment.apply(variable(key));
      if (value != null && !value.isBlank()) { // empty means "not set", as compose files have it
        fromEnvironment.put(key, value);
      }
    }
    Set<String> roots = new TreeSet<>(keys.stream().map(ConfigLoader::root).toList());
    Map<String, String> fromProperties = new HashMap<>(properties);
    fromProperties.keySet().removeIf(key -> !roots.contains(root(key)));
    fromProperties.putAll(options);
    unknown(fromProperties.keySet(), keys, "-D", meant).forEach(errors::add);

    merged.putAll(fromFile);
    merged.putAll(fromEnvironment);
    merged.putAll(fromProperties);
    merged.keySet().retainAll(keys);
    // A key that is set was not only meant: what is wrong with its value is told, too.
    List.of(fromFile, fromEnvironment, fromProperties)
        .forEach(set -> meant.removeAll(set.keySet()));
    Function<String, String> origin =
        key ->
            fromProperties.containsKey(key)
                ? " (from -D)"
                : fromEnvironment.containsKey(key)
                    ? " (from the environment variable " + variable(key) + ")"
                    : fromFile.containsKey(key) ? " (from " + file + ")" : "";
    // These sources only: Helidon would add the environment and whatever other jars bring.
    Config all =
        Config.builder()
            .addSource(ConfigSources.create(merged))
            .disableParserServices()
            .disableEnvironmentVariablesSource()
            .disableSystemPropertiesSource()
            .disableValueResolving()
            .disableKeyResolving()
            .disableFilterServices()
            .disableMapperServices()
            .build();
    ConfigValues values = new ConfigValues(all, origin, meant);
    AppConfig config = ConfigRules.read(values);
    errors.addAll(values.errors());
    if (!errors.isEmpty()) {
      throw new ConfigException(errors);
    }
    return config;
  }

  /**
   * The variables that are no key's, but almost, each with the one that was probably meant. They
   * are no errors, since they may be another program's. Kubernetes sets some that are never ours:
   * SMTPS_PORT=tcp://10.0.0.1:465 for a Service "smtps".
   */
  public static SortedMap<String, String> misspelt(Map<String, String> environment) {
    Set<String> variables = new TreeSet<>();
    defaults().keySet().forEach(key -> variables.add(variable(key)));
    SortedMap<String, String> misspelt = new TreeMap<>();
    environment.forEach((variable, value) -> {
      boolean ours = variables.contains(variable);
      int most = variable.length() > 14 ? 2 : 1; // of few letters, two make another word
      String meant = ours ? null : Spelling.meant(variable, variables, most);
      if (meant != null && !value.isBlank() && !value.startsWith("tcp://")) {
        misspelt.put(variable, meant);
      }
    });
    return misspelt;
  }

  /** All keys, each with the text of its default. */
  private static Map<String, String> defaults() {
    Map<String, String> defaults = new HashMap<>();
    YamlText.read(ConfigHelp.yaml().getBytes(UTF_8), defaults);
    return defaults;
  }

  /** SMTP_EMBEDDED_DELAY for smtp.embedded-delay. */
  static String variable(String key) {
    return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static String root(String key) {
    int dot = key.indexOf('.');
    return dot < 0 ? key : key.substring(0, dot);
  }

  /**
   * @param meant gets the keys that were probably meant
   */
  private static List<String> unknown(
      Set<String> found, Set<String> keys, String where, Set<String> meant) {
    List<String> errors = new ArrayList<>();
    for (String key : new TreeSet<>(found)) {
      if (!keys.contains(key)) {
        String near = meant(key, keys);
        if (near != null) {
          meant.add(near);
        }
        String what =
            near == null ? "lastcall --help lists the keys" : "did you mean " + near + "?";
        errors.add(key + ": unknown key in " + where + ": " + what);
      }
    }
    return errors;
  }

  /** A key written without its root ("env"), or misspelt. */
  private static @Nullable String meant(String written, Set<String> keys) {
    List<String> ends = keys.stream().filter(key -> key.endsWith("." + written)).toList();
    return ends.size() == 1 ? ends.getFirst() : Spelling.meant(written, keys, 3);
  }

  /** A YAML list of that key, flattened to key.0, key.1, becomes text with commas. */
  private static void joinList(String key, Map<String, String> values) {
    List<String> elements = new ArrayList<>();
    for (String element; (element = values.remove(key + "." + elements.size())) != null; ) {
      elements.add(element);
    }
    if (!elements.isEmpty()) {
      values.put(key, String.join(",", elements));
    }
  }

  private static Map<String, String> readFile(
      Path file, Set<String> keys, List<String> errors, Set<String> meant) {
    Map<String, String> values = new HashMap<>();
    try {
      String wrong = YamlText.read(Files.readAllBytes(file), values);
      if (!wrong.isEmpty()) {
        errors.add("--config " + file + ": " + wrong);
        return Map.of();
      }
    } catch (IOException e) {
      errors.add("--config " + file + ": can't read it: " + FileTrouble.words(e));
    }
    joinList("api.cors-origins", values);
    joinList("server.trusted-proxies", values);
    for (String key : keys) {
      if (values
          .keySet()
          .removeIf(found -> found.startsWith(key + ".") || found.equals(key + "[]"))) {
        meant.add(key);
        errors.add(key + ": must be one value, not a list or a map (from " + file + ")");
      }
    }
    // A group whose lines are all commented out, "smtp:", sets nothing.
    values
        .entrySet()
        .removeIf(e -> e.getValue().isEmpty() && group(e.getKey().replace("[]", ""), keys));
    return values;
  }

  private static boolean group(String name, Set<String> keys) {
    return keys.stream().anyMatch(key -> key.startsWith(name + "."));
  }
}
