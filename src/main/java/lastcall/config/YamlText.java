package lastcall.config;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.DuplicateKeyException;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML in which each value is text, as it is written. Helidon's own parser reads it as YAML
 * 1.1 does: the password 0123456 would be the octal number 42798, 12:34:56 a number of seconds, yes
 * would be true, and null no password at all.
 */
final class YamlText {
  private YamlText() {}

  /**
   * @param values gets every value under its whole key, {@code smtp.host}; an element of a list
   *     under {@code smtp.host.0}, an empty list or map as {@code smtp.host[]}
   * @return what is wrong with the file as a whole, and where; "" if nothing. It repeats nothing of
   *     the file, which may hold a password.
   */
  static String read(byte[] yaml, Map<String, String> values) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    DumperOptions unused = new DumperOptions();
    Yaml parser =
        new Yaml(
            new SafeConstructor(options), new Representer(unused), unused, options, new Texts());
    try {
      Object document = parser.load(new ByteArrayInputStream(yaml));
      if (document instanceof Map<?, ?> map) {
        map.forEach((key, value) -> flatten(String.valueOf(key), value, values));
      }
      return document == null || document instanceof Map
          ? ""
          : "it must hold keys and values, such as server.port: 9000";
    } catch (DuplicateKeyException e) {
      return "a key is set twice" + place(e.getProblemMark());
    } catch (MarkedYAMLException e) { // what is not closed is found at the end: say where it begins
      Mark begin = e.getContextMark();
      return "not YAML" + place(begin == null ? e.getProblemMark() : begin);
    } catch (YAMLException e) {
      return "not YAML";
    }
  }

  private static String place(@Nullable Mark at) {
    return at == null ? "" : " at line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1);
  }

  private static void flatten(String path, Object node, Map<String, String> values) {
    if (node instanceof Map<?, ?> map && !map.isEmpty()) {
      map.forEach((key, value) -> flatten(path + "." + key, value, values));
    } else if (node instanceof List<?> list && !list.isEmpty()) {
      for (int i = 0; i < list.size(); i++) {
        flatten(path + "." + i, list.get(i), values);
      }
    } else if (node instanceof Map || node instanceof List) {
      values.put(path + "[]", "");
    } else {
      values.put(path, String.valueOf(node));
    }
  }

  /** Takes no scalar for anything but text. {@code <<} still merges a map into another. */
  private static final class Texts extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.MERGE, MERGE, "<");
    }
  }
}
