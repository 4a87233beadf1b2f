package lastcall.e2e;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One event of the log, read back from logfmt. */
record LogLine(String text, Map<String, String> fields) {
  private static final Pattern FIELD =
      Pattern.compile("(\\w+)=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|(\\S*))");

  static LogLine parse(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    Matcher field = FIELD.matcher(text);
    while (field.find()) {
      fields.put(field.group(1), field.group(2) != null ? field.group(2) : field.group(3));
    }
    return new LogLine(text, fields);
  }

  boolean is(String message) {
    return message.equals(fields.get("msg"));
  }

  String get(String field) {
    String value = fields.get(field);
    if (value == null) {
      throw new AssertionError("no " + field + " in " + text);
    }
    return value;
  }

  int number(String field) {
    return Integer.parseInt(get(field));
  }

  /** Of a field such as {@code took=1234ms}. */
  int millis(String field) {
    return Integer.parseInt(get(field).replace("ms", ""));
  }

  @Override
  public String toString() {
    return text;
  }
}
