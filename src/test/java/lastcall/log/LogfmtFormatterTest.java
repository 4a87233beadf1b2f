package lastcall.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

final class LogfmtFormatterTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.600Z");
  private static final String HEAD = "time=2026-01-02T03:04:05.600Z level=INFO msg=";

  @Test
  void whatIsRenderedAlreadyStaysAsItIs() {
    assertEquals(
        HEAD + "\"starting server\" addr=127.0.0.1:8080 n=3\n",
        ours("starting server addr=%s n=%s", "127.0.0.1:8080", 3));
  }

  @Test
  void throwableStaysOnItsLine() {
    Exception thrown = new IllegalStateException("bad\n\"thing\"", new RuntimeException("root"));
    LogRecord own = record(Level.INFO, EventLog.render("failed id=%s", 7), "lastcall.App");
    own.setThrown(thrown);
    String line = new LogfmtFormatter().format(own);
    String error = " error=\"java.lang.IllegalStateException: bad\\n\\\"thing\\\"\" trace=";
    assertTrue(line.startsWith(HEAD + "failed id=7" + error), line);
    assertTrue(line.contains("\\n\\tat lastcall.log.LogfmtFormatterTest."), line);
    assertTrue(line.contains("Caused by: java.lang.RuntimeException: root"), line);
    assertEquals(line.length() - 1, line.indexOf('\n'), "one line");
    LogRecord record = record(Level.SEVERE, "failed", "io.helidon.X");
    record.setThrown(thrown);
    line = new LogfmtFormatter().format(record);
    assertTrue(line.contains("level=ERROR msg=failed logger=io.helidon.X" + error), line);
  }

  @Test
  void librariesNumberTheirParameters() {
    LogRecord record = record(Level.WARNING, "took {0} of {1}", "org.x.Y");
    record.setParameters(new Object[] {"a", "b c"});
    String line = new LogfmtFormatter().format(record);
    assertTrue(line.endsWith("level=WARN msg=\"took a of b c\" logger=org.x.Y\n"), line);
    LogRecord none = record(Level.FINE, "{0}=stays", "org.x.Y");
    assertTrue(new LogfmtFormatter().format(none).contains("level=DEBUG msg=\"{0}=stays\""));
  }

  private static LogRecord record(Level level, String message, String logger) {
    LogRecord record = new LogRecord(level, message);
    record.setInstant(AT);
    record.setLoggerName(logger);
    return record;
  }

  private static String ours(String text, Object... values) {
    String message = EventLog.render(text, values);
    return new LogfmtFormatter().format(record(Level.INFO, message, "lastcall.App"));
  }
}
