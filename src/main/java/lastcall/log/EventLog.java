package lastcall.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes events through {@link System.Logger}, each rendered as logfmt: {@code LOG.info("claimed
 * e-mail id=%s", id)} becomes {@code msg="claimed e-mail" id=…}. It is rendered here and not by a
 * handler, so that no value is lost with another backend than ours.
 *
 * <p>A text is what happened, then {@code key=%s} for each value, and nothing else. A value that is
 * null leaves its field out; a duration is written in milliseconds: {@code took=120ms}.
 */
public final class EventLog {
  private static final Pattern FIELD = Pattern.compile(" (\\w+)=%s");

  private final Logger logger;

  private EventLog(Logger logger) {
    this.logger = logger;
  }

  /** The logger that has the name of this class. */
  public static EventLog of(Class<?> type) {
    return new EventLog(System.getLogger(type.getName()));
  }

  public void debug(String text, @Nullable Object... values) {
    log(Level.DEBUG, text, values);
  }

  public void debug(Throwable cause, String text, @Nullable Object... values) {
    log(Level.DEBUG, cause, text, values);
  }

  public void info(String text, @Nullable Object... values) {
    log(Level.INFO, text, values);
  }

  public void warn(String text, @Nullable Object... values) {
    log(Level.WARNING, text, values);
  }

  public void warn(Throwable cause, String text, @Nullable Object... values) {
    log(Level.WARNING, cause, text, values);
  }

  public void error(String text, @Nullable Object... values) {
    log(Level.ERROR, text, values);
  }

  public void error(Throwable cause, String text, @Nullable Object... values) {
    log(Level.ERROR, cause, text, values);
  }

  public void log(Level level, String text, @Nullable Object... values) {
    log(level, null, text, values);
  }

  private void log(
      Level level, @Nullable Throwable cause, String text, @Nullable Object... values) {
    if (logger.isLoggable(level)) {
      logger.log(level, render(text, values), cause);
    }
  }

  static String render(String text, @Nullable Object... values) {
    Matcher field = FIELD.matcher(text);
    boolean any = field.find();
    StringBuilder line = new StringBuilder(160);
    LogfmtFormatter.field(line, "msg", any ? text.substring(0, field.start()) : text);
    int i = 0;
    int end = any ? field.start() : text.length();
    for (; any; any = field.find()) {
      assert field.start() == end : text.substring(end) + " is no field in " + text;
      Object value = i < values.length ? values[i] : "missing";
      if (value != null) {
        LogfmtFormatter.field(line, field.group(1), value);
      }
      i++;
      end = field.end();
    }
    assert end == text.length() : text.substring(end) + " is no field in " + text;
    assert i == values.length : "one value for each =%s in " + text;
    return line.toString();
  }
}
