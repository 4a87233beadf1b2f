package lastcall.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Log lines on their way to stdout. One daemon platform thread writes them: a virtual thread that
 * is blocked in a write to a pipe that nobody reads keeps its carrier, and as many of them as there
 * are processors stop every sign-up, probe and heartbeat. When nobody reads, lines are dropped and
 * counted.
 *
 * <p>A thread that logs takes no lock. A virtual one could be next in line for it and never get a
 * carrier, and the thread that ends the process by force would wait behind it for its last line.
 */
final class LogWriter {
  /** Some 15,000 lines of the usual length, or some 400 stack traces; twice that beyond Latin-1. */
  static final int MAX_BYTES = 4 << 20;

  private static final int BESIDE_TEXT = 90; // bytes: the string's two objects, line and node
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  /**
   * @param tells of how many dropped ones this line tells; 0 for any other
   */
  private record Line(String text, long tells) {
    int bytes() {
      return text.length() + BESIDE_TEXT;
    }
  }

  private final OutputStream out;
  private final Formatter formatter;
  private final ConcurrentLinkedQueue<Line> lines = new ConcurrentLinkedQueue<>();
  private final AtomicLong queued = new AtomicLong(); // bytes, the line that is being written too
  private final AtomicLong dropped = new AtomicLong(); // lines that the log has not counted yet
  private final AtomicLong everDropped = new AtomicLong();
  private final Thread thread;
  private volatile boolean idle;

  LogWriter(OutputStream out, Formatter formatter) {
    this.out = out;
    this.formatter = formatter;
    this.thread = Thread.ofPlatform().daemon().name("log").start(this::run);
  }

  /** Queues the line, or drops it when too much is queued; waits for nothing in either case. */
  void add(LogRecord record) {
    Line line = new Line(formatter.format(record), 0);
    // Once full, it takes nothing until half is written: one line tells of many dropped ones.
    int limit = dropped.get() == 0 ? MAX_BYTES : MAX_BYTES / 2;
    if (queued.addAndGet(line.bytes()) > limit) {
      queued.addAndGet(-line.bytes());
      drop(line);
      return;
    }
    tellDropped(); // in the place where they are missing
    put(line);
  }

  private void drop(Line line) {
    dropped.addAndGet(Math.max(1, line.tells()));
    if (line.tells() == 0) {
      everDropped.incrementAndGet();
    }
  }

  /** How many lines nobody will read, since the start. */
  long everDropped() {
    return everDropped.get();
  }

  private boolean tellDropped() {
    long lost = dropped.getAndSet(0);
    if (lost > 0) {
      LogRecord record =
          new LogRecord(Level.WARNING, EventLog.render("log lines dropped dropped=%s", lost));
      record.setLoggerName(LogWriter.class.getName());
      Line line = new Line(formatter.format(record), lost);
      queued.addAndGet(line.bytes());
      put(line);
    }
    return lost > 0;
  }

  private void put(Line line) {
    lines.add(line);
    if (idle) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Waits until all is written that was queued before. Returns false if that takes longer, most
   * likely since nobody reads.
   */
  boolean flush(Duration patience) {
    tellDropped();
    long begun = System.nanoTime();
    while (queued.get() > 0) {
      if (System.nanoTime() - begun > patience.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(1));
    }
    return true;
  }

  private void run() {
    boolean works = true;
    while (true) {
      Line line = lines.poll();
      if (line != null) {
        works = write(line);
      } else if (!works || !tellDropped()) {
        // Set before the queue is looked at: a thread that adds a line after that sees the flag.
        idle = true;
        if (lines.isEmpty()) {
          LockSupport.parkNanos(this, TRY_AGAIN.toNanos());
        }
        idle = false;
        works = true;
      }
    }
  }

  /** A line that can't be written is not tried again, or a full disk would keep us busy. */
  private boolean write(Line line) {
    try {
      out.write(line.text().getBytes(UTF_8));
      return true;
    } catch (IOException | RuntimeException e) { // without this thread there is no log
      drop(line);
      return false;
    } finally {
      queued.addAndGet(-line.bytes());
    }
  }
}
