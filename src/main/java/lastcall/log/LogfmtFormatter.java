package lastcall.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * One line an event: {@code time=… level=INFO msg="starting server" addr=127.0.0.1:8080}.
 *
 * <p>Our own lines pass their fields as parameters, key and value in turn; the lines of libraries
 * pass parameters for {@code {0}}. A stack trace stays on the line, its line ends escaped, so that
 * a line stays an event.
 */
final class LogfmtFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder(160);
    field(line, "time", TIME.format(record.getInstant()));
    field(line, "level", level(record.getLevel()));
    Object[] fields = record.getParameters();
    boolean ours =
        fields != null && record.getMessage() != null && !record.getMessage().contains("{0");
    field(line, "msg", ours ? record.getMessage() : formatMessage(record));
    Throwable thrown = record.getThrown();
    if (ours) {
      for (int i = 0; i + 1 < fields.length; i += 2) {
        if (fields[i + 1] instanceof Throwable t) {
          thrown = t;
        } else {
          field(line, String.valueOf(fields[i]), fields[i + 1]);
        }
      }
    }
    String logger = record.getLoggerName();
    if (logger != null && !logger.startsWith("lastcall.")) {
      field(line, "logger", logger);
    }
    if (thrown != null) {
      field(line, "error", thrown);
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      field(line, "trace", trace);
    }
    return line.append('\n').toString();
  }

  private static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARN";
    }
    return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
  }

  private static void field(StringBuilder line, String key, @Nullable Object value) {
    if (!line.isEmpty()) {
      line.append(' ');
    }
    line.append(key).append('=');
    String text = value instanceof Instant i ? TIME.format(i) : String.valueOf(value);
    if (!text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != '"' && c != '=' && c < 127)) {
      line.append(text);
      return;
    }
    line.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> line.append("\\\"");
        case '\\' -> line.append("\\\\");
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        default -> line.append(Character.isISOControl(c) ? ' ' : c);
      }
    }
    line.append('"');
  }
}
