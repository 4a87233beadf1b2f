package lastcall.log;

import static lastcall.log.EventLog.render;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

final class EventLogTest {
  @Test
  void textAndFields() {
    Instant at = Instant.parse("2026-01-02T03:04:05.600Z");
    assertEquals(
        "msg=\"starting server\" addr=127.0.0.1:8080 n=3 at=2026-01-02T03:04:05.600Z",
        render("starting server addr=%s n=%s at=%s", "127.0.0.1:8080", 3, at));
    assertEquals("msg=ready", render("ready"));
    assertEquals("msg=m b=2", render("m a=%s b=%s", null, 2), "a value that is null");
    assertEquals("msg=m took=1200ms", render("m took=%s", Duration.ofMillis(1200)));
  }

  @Test
  void quotesWhatWouldNotBeReadBack() {
    assertEquals("msg=m k=\"\"", render("m k=%s", ""));
    assertEquals("msg=m k=\"a=b\"", render("m k=%s", "a=b"));
    assertEquals("msg=m k=\"say \\\"hi\\\"\"", render("m k=%s", "say \"hi\""));
    assertEquals("msg=m k=\"a\\\\ b\"", render("m k=%s", "a\\ b"));
    assertEquals("msg=m k=\"a\\r\\n\\tb\"", render("m k=%s", "a\r\n\tb"));
    assertEquals("msg=m k=\"a b c d\"", render("m k=%s", "a\u001bb\u0000c\u0085d"));
    assertEquals("msg=m k=\"J\u00fcrgen\"", render("m k=%s", "J\u00fcrgen"));
    assertEquals("msg=\"two\\nlines\"", render("two\nlines"));
    assertEquals("msg=m k=\" x=%s\"", render("m k=%s", " x=%s"), "a value is no text");
  }

  @Test
  void aFieldTooFewOrTooManyIsAFaultOfOurs() {
    assertThrows(AssertionError.class, () -> render("m a=%s"));
    assertThrows(AssertionError.class, () -> render("m", 1));
    assertThrows(AssertionError.class, () -> render("m took=%sms", 1));
    assertThrows(AssertionError.class, () -> render("m a=%s b=1", 1));
    assertThrows(AssertionError.class, () -> render("m a=%s b=1 c=%s", 1, 2));
  }

  /** Another backend's formatter: whoever copies a class of ours has one. */
  @Test
  void losesNothingWithAnotherFormatter() {
    List<LogRecord> records = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(EventLogTest.class.getName());
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
    Exception cause = new IllegalStateException("why");
    EventLog.of(EventLogTest.class).error(cause, "failed {0} id=%s", 7);
    logger.removeHandler(handler);
    assertEquals(1, records.size());
    assertSame(cause, records.getFirst().getThrown());
    assertEquals(
        "msg=\"failed {0}\" id=7", new SimpleFormatter().formatMessage(records.getFirst()));
  }
}
