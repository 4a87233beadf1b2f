package lastcall.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nobody who logs is held up by who reads. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LogWriterTest {
  private static final Duration GUARD = Duration.ofSeconds(30);

  /** Takes nothing while it is shut, like a full pipe, and fails while it is broken. */
  private static final class Pipe extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CountDownLatch opened = new CountDownLatch(1);
    private volatile boolean broken;
    private volatile int attempts;

    @Override
    public void write(int b) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(byte[] line) throws IOException {
      attempts++; // by one thread only
      if (broken) {
        throw new IOException("Broken pipe");
      }
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      synchronized (taken) {
        taken.writeBytes(line);
      }
    }

    List<String> lines() {
      synchronized (taken) {
        return taken.toString(StandardCharsets.UTF_8).lines().toList();
      }
    }
  }

  private final Pipe pipe = new Pipe();
  private final LogWriter writer = new LogWriter(pipe, new Plain());

  private static final class Plain extends Formatter {
    @Override
    public String format(LogRecord record) {
      Object[] fields = record.getParameters();
      return record.getMessage() + (fields == null ? "" : " " + fields[0] + "=" + fields[1]) + "\n";
    }
  }

  private void log(String text) {
    writer.add(new LogRecord(Level.INFO, text));
  }

  @Test
  void whatWasLoggedIsWrittenInOrderWhenTheFlushReturns() {
    pipe.opened.countDown();
    List<String> logged = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      log("line " + i);
      logged.add("line " + i);
      if (i % 100 == 0) {
        assertTrue(writer.flush(GUARD));
        assertEquals(logged, pipe.lines());
      }
    }
    assertTrue(writer.flush(GUARD));
    assertEquals(logged, pipe.lines());
    assertTrue(writer.flush(Duration.ZERO), "nothing to wait for");
  }

  @Test
  void aFlushIsBoundedWhenNobodyReads() {
    log("stuck");
    assertFalse(writer.flush(Duration.ofMillis(20)));
    pipe.opened.countDown();
    assertTrue(writer.flush(GUARD));
    assertEquals(List.of("stuck"), pipe.lines());
  }

  @Test
  void whatIsTooMuchIsDroppedAndCountedInItsPlace() {
    int logged = 0;
    String text = "x".repeat(1_000);
    while (logged * 1_000 < LogWriter.MAX_BYTES * 2) {
      log(logged + text); // returns, though nobody reads
      logged++;
    }
    pipe.opened.countDown();
    assertTrue(writer.flush(GUARD));
    log("after");
    assertTrue(writer.flush(GUARD));
    List<String> lines = pipe.lines();
    int kept = lines.size() - 2;
    for (int i = 0; i < kept; i++) {
      assertEquals(i + text, lines.get(i));
    }
    assertTrue(kept * 1_000 < LogWriter.MAX_BYTES, "memory is bounded");
    assertTrue(kept * 1_000 > LogWriter.MAX_BYTES * 0.8, "and no more is dropped than need be");
    assertEquals(
        List.of("msg=\"log lines dropped\" dropped=" + (logged - kept), "after"),
        lines.subList(kept, lines.size()));
    assertEquals(logged - kept, writer.everDropped());
  }

  @Test
  void aSlowReaderIsToldOfManyDroppedLinesAtOnce() {
    for (int i = 0; i < 3 * LogWriter.MAX_BYTES / 90; i++) {
      log("");
      if (i == 2 * LogWriter.MAX_BYTES / 90) {
        pipe.opened.countDown();
      }
    }
    assertTrue(writer.flush(GUARD));
    List<String> told = pipe.lines().stream().filter(l -> l.startsWith("msg=\"log lines")).toList();
    assertTrue(!told.isEmpty() && told.size() < 10, () -> "" + told);
  }

  @Test
  void aWriteErrorEndsNothingAndIsCounted() {
    pipe.opened.countDown();
    pipe.broken = true;
    for (int i = 0; i < 10; i++) {
      log("lost");
    }
    // Each failure is counted before its line leaves the queue, and so is the line of the flush.
    assertTrue(writer.flush(GUARD));
    assertTrue(pipe.attempts <= 50, () -> "it spins: " + pipe.attempts);
    pipe.broken = false;
    log("after");
    assertTrue(writer.flush(GUARD));
    assertEquals(List.of("msg=\"log lines dropped\" dropped=10", "after"), pipe.lines());
    assertEquals(10, writer.everDropped(), "the lines that told of them do not count");
  }
}
