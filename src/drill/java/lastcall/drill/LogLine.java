package lastcall.drill;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One event of the log, read back from logfmt. */
public record LogLine(String text) {
  private static final Pattern FIELD =
      Pattern.compile("(\\w+)=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|(\\S*))");

  private Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(text);
    while (field.find()) {
      fields.put(field.group(1), field.group(2) != null ? field.group(2) : field.group(3));
    }
    return fields;
  }

  public boolean is(String message) {
    // Most lines are of another kind, and are not worth the parsing.
    return text.contains(message) && message.equals(fields().get("msg"));
  }

  public boolean has(String field) {
    return fields().containsKey(field);
  }

  public String get(String field) {
    String value = fields().get(field);
    if (value == null) {
      throw new IllegalStateException("no " + field + " in " + text);
    }
    return value;
  }

  /** Of a field such as {@code pending=10000+}, the least that it can be. */
  public int number(String field) {
    return Integer.parseInt(get(field).replace("+", ""));
  }

  /** Of a field such as {@code took=1234ms}. */
  public int millis(String field) {
    return Integer.parseInt(get(field).replace("ms", ""));
  }

  @Override
  public String toString() {
    return text;
  }
}
