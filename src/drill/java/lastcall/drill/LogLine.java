package lastcall.drill;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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

  static String join(List<LogLine> lines) {
    return lines.stream().map(LogLine::text).collect(Collectors.joining("\n"));
  }

  /** Why a process may have ended: its last error in the log, or else its last line on stderr. */
  static String lastWords(List<LogLine> log, String stderr) {
    String words =
        log.reversed().stream()
            .map(LogLine::text)
            .filter(line -> line.contains("level=ERROR"))
            .map(line -> line.replaceFirst("^.*level=ERROR msg=", "").replaceAll("[\"]", ""))
            .findFirst()
            .orElse(stderr.strip().lines().reduce("", (before, last) -> last.strip()));
    return words.isEmpty() ? "" : ": " + words;
  }

  @Override
  public String toString() {
    return text;
  }
}
