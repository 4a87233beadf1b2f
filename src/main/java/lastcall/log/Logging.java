package lastcall.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.time.Duration;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Sends everything to stdout as logfmt: java.util.logging, and with it System.Logger, which our
 * classes and Helidon use and whose default backend it is.
 */
public final class Logging {
  private static final EventLog LOG = EventLog.of(Logging.class);

  /** For {@link #flush} at an exit: a reader needs a few milliseconds, if there is one. */
  public static final Duration PATIENCE = Duration.ofMillis(200);

  private final LogWriter writer =
      new LogWriter(new FileOutputStream(FileDescriptor.out), new LogfmtFormatter());

  private Logging() {}

  /** Whoever ends the process flushes what this returns, or the last lines may be missing. */
  public static Logging install() {
    Logging logging = new Logging();
    Logger root = LogManager.getLogManager().getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new Stdout(logging.writer));
    // By default a thread prints what has ended it to stderr, which may be a full pipe as well.
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
      LOG.error(thrown, "thread ended by an error thread=%s", thread.getName());
      logging.flush(PATIENCE); // it may have been main, and then the process ends
      if (thrown instanceof Error) {
        // Nobody knows what still works: a dispatcher or a writer that is gone would be missed by
        // all. A sudden death loses nothing, and the next start goes on.
        Runtime.getRuntime().halt(1);
      }
    });
    return logging;
  }

  /**
   * Waits until what was logged is written; false if that takes longer, since nobody reads stdout.
   */
  public boolean flush(Duration patience) {
    return writer.flush(patience);
  }

  /** How many lines were dropped since the start, since nobody read them. */
  public long dropped() {
    return writer.everDropped();
  }

  private static final class Stdout extends Handler {
    private final LogWriter writer;

    Stdout(LogWriter writer) {
      this.writer = writer;
    }

    /** Libraries from WARNING on: Helidon tells its own life cycle, ours stands in five lines. */
    @Override
    public boolean isLoggable(LogRecord record) {
      boolean ours =
          record.getLoggerName() != null && record.getLoggerName().startsWith("lastcall");
      return super.isLoggable(record)
          && (ours || record.getLevel().intValue() >= Level.WARNING.intValue());
    }

    @Override
    public void publish(LogRecord record) {
      if (isLoggable(record)) {
        writer.add(record);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
