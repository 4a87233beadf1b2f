package lastcall.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * One line for each record: {@code time=… level=INFO msg="starting server" addr=127.0.0.1:8080}.
 *
 * <p>The message of our own records is rendered already, see {@link EventLog}; one of a library
 * becomes the field {@code msg}. The line ends of a stack trace are escaped, so that one record
 * stays one line.
 */
final class LogfmtFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder(160);
    field(line, "time", TIME.format(record.getInstant()));
    field(line, "level", level(record.getLevel()));
    String message = formatMessage(record);
    if (message != null && message.startsWith("msg=")) {
      line.append(' ').append(message);
    } else {
      field(line, "msg", message);
    }
    String logger = record.getLoggerName();
    if (logger != null && !logger.startsWith("lastcall.")) {
      field(line, "logger", logger);
    }
    Throwable thrown = record.getThrown();
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

  static void field(StringBuilder line, String key, @Nullable Object value) {
    if (!line.isEmpty()) {
      line.append(' ');
    }
    line.append(key).append('=');
    String text =
        switch (value) {
          case Instant instant -> TIME.format(instant);
          case Duration duration -> duration.toMillis() + "ms";
          case null, default -> String.valueOf(value);
        };
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
