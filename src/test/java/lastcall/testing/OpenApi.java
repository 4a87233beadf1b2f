package lastcall.testing;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * An OpenAPI document, and whether answers are as it says. It knows the few keywords of JSON Schema
 * that our documents use; another one is an error.
 */
public final class OpenApi {
  /** Keywords that say nothing about a value. */
  private static final Set<String> WORDS = Set.of("description", "example", "examples");

  private final Map<String, Object> document;

  public OpenApi(String json) {
    document = object(parse(json));
  }

  /** JSON is read as the YAML that it is; a date stays a text. */
  public static Object parse(String json) {
    LoaderOptions options = new LoaderOptions();
    Resolver resolver =
        new Resolver() {
          @Override
          protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "tf");
            addImplicitResolver(Tag.INT, INT, "-0123456789");
            addImplicitResolver(Tag.FLOAT, FLOAT, "-0123456789");
            addImplicitResolver(Tag.NULL, NULL, "n");
          }
        };
    DumperOptions unused = new DumperOptions();
    return new Yaml(
            new SafeConstructor(options), new Representer(unused), unused, options, resolver)
        .load(json);
  }

  /** What is documented, as {@code POST /v1/users 202}. */
  public Set<String> answers() {
    Set<String> answers = new TreeSet<>();
    object(document.get("paths"))
        .forEach((path, operations) ->
            object(operations)
                .forEach((method, operation) ->
                    object(object(operation).get("responses"))
                        .keySet()
                        .forEach(status ->
                            answers.add(
                                method.toUpperCase(Locale.ROOT) + " " + path + " " + status))));
    return answers;
  }

  /**
   * What is wrong with an answer; nothing, if it is as documented.
   *
   * @param answer one of {@link #answers}
   * @param headers in lower case
   */
  public List<String> wrong(String answer, Map<String, String> headers, String body) {
    String[] parts = answer.split(" ");
    Map<String, Object> response =
        resolved(at("paths", parts[1], parts[0].toLowerCase(Locale.ROOT), "responses", parts[2]));
    List<String> errors = new ArrayList<>();
    object(response.getOrDefault("headers", Map.of()))
        .forEach((name, header) -> {
          String value = headers.get(name.toLowerCase(Locale.ROOT));
          Map<String, Object> schema = object(object(header).get("schema"));
          if (value == null) {
            errors.add("no header " + name);
          } else {
            Object typed = "integer".equals(schema.get("type")) ? parse(value) : value;
            check(typed, schema, name, errors);
          }
        });
    Map<String, Object> content = object(response.getOrDefault("content", Map.of()));
    String type = headers.getOrDefault("content-type", "").replaceFirst(";.*", "");
    if (content.isEmpty() ? !body.isEmpty() : !content.containsKey(type)) {
      errors.add("Content-Type " + type);
    } else if (type.endsWith("json")) {
      check(parse(body), object(object(content.get(type)).get("schema")), "", errors);
    }
    return errors.stream().map(error -> answer + ": " + error + " in " + body).toList();
  }

  /** What is wrong with the document's own examples. */
  public List<String> wrongExamples() {
    List<String> errors = new ArrayList<>();
    examples(document, "", errors);
    return errors;
  }

  private void examples(Object node, String path, List<String> errors) {
    if (node instanceof Map<?, ?> map) {
      if (map.get("schema") instanceof Map<?, ?> schema) {
        if (map.containsKey("example")) {
          check(map.get("example"), object(schema), path + "/example", errors);
        }
        if (map.get("examples") instanceof Map<?, ?> several) {
          several.forEach((name, example) ->
              check(object(example).get("value"), object(schema), path + "/" + name, errors));
        }
      }
      map.forEach((key, value) -> examples(value, path + "/" + key, errors));
    } else if (node instanceof List<?> list) {
      list.forEach(value -> examples(value, path + "/-", errors));
    }
  }

  private void check(Object value, Map<String, Object> schema, String path, List<String> errors) {
    schema.forEach((keyword, wanted) -> {
      boolean right =
          switch (keyword) {
            case "$ref" -> {
              check(value, resolved(schema), path, errors);
              yield true;
            }
            case "allOf" -> {
              list(wanted).forEach(all -> check(value, object(all), path, errors));
              yield true;
            }
            case "anyOf" ->
                list(wanted).stream()
                    .anyMatch(any -> {
                      List<String> these = new ArrayList<>();
                      check(value, object(any), path, these);
                      return these.isEmpty();
                    });
            case "type" ->
                wanted instanceof List<?> types
                    ? types.stream().anyMatch(type -> is(value, type))
                    : is(value, wanted);
            case "const" -> wanted.equals(value);
            case "enum" -> list(wanted).contains(value);
            case "required" ->
                !(value instanceof Map<?, ?> map) || map.keySet().containsAll(list(wanted));
            case "properties" -> {
              if (value instanceof Map<?, ?> map) {
                object(wanted)
                    .forEach((name, property) -> {
                      if (map.containsKey(name)) {
                        check(map.get(name), object(property), path + "/" + name, errors);
                      }
                    });
              }
              yield true;
            }
            case "additionalProperties" -> additional(value, schema, path, errors);
            case "items" -> {
              if (value instanceof List<?> items) {
                items.forEach(item -> check(item, object(wanted), path + "/-", errors));
              }
              yield true;
            }
            case "pattern" -> !(value instanceof String s) || s.matches("(?s).*" + wanted + ".*");
            case "format" -> formatted((String) value, wanted);
            case "minimum" ->
                new BigDecimal(value.toString()).compareTo(new BigDecimal(wanted.toString())) >= 0;
            case "minLength" -> ((String) value).length() >= (Integer) wanted;
            case "maxLength" -> ((String) value).length() <= (Integer) wanted;
            default -> WORDS.contains(keyword);
          };
      if (!right) {
        errors.add(path + ": " + keyword + " " + wanted + " does not fit " + value);
      }
    });
  }

  private boolean additional(
      Object value, Map<String, Object> schema, String path, List<String> errors) {
    Map<String, Object> more = new LinkedHashMap<>(object(value));
    more.keySet().removeAll(object(schema.getOrDefault("properties", Map.of())).keySet());
    if (schema.get("additionalProperties") instanceof Map<?, ?> each) {
      more.forEach((name, other) -> check(other, object(each), path + "/" + name, errors));
      return true;
    }
    return more.isEmpty();
  }

  private static boolean is(Object value, Object type) {
    return switch ((String) type) {
      case "object" -> value instanceof Map;
      case "array" -> value instanceof List;
      case "string" -> value instanceof String;
      case "boolean" -> value instanceof Boolean;
      case "null" -> value == null;
      case "integer" -> value instanceof Integer || value instanceof Long;
      default -> value instanceof Number;
    };
  }

  private static boolean formatted(String value, Object format) {
    try {
      return format.equals("uuid")
          ? UUID.fromString(value).toString().equals(value)
          : format.equals("date-time") && !Instant.parse(value).toString().isEmpty();
    } catch (IllegalArgumentException | DateTimeException e) {
      return false;
    }
  }

  private Map<String, Object> resolved(Object node) {
    Map<String, Object> found = object(node);
    return found.get("$ref") instanceof String ref
        ? object(at(ref.substring("#/".length()).split("/")))
        : found;
  }

  private Object at(String... path) {
    Object node = document;
    for (String key : path) {
      node = object(node).get(key);
    }
    return node;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object node) {
    return (Map<String, Object>) node;
  }

  private static Collection<?> list(Object node) {
    return (Collection<?>) node;
  }
}
