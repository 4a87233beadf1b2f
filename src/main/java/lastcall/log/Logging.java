package lastcall.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.ErrorManager;
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
  private Logging() {}

  public static void install() {
    Logger root = LogManager.getLogManager().getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new Stdout());
  }

  /**
   * Unbuffered, one write a line: what is logged is out, also when the process halts right after.
   */
  private static final class Stdout extends Handler {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

    Stdout() {
      setFormatter(new LogfmtFormatter());
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
      if (!isLoggable(record)) {
        return;
      }
      try {
        out.write(getFormatter().format(record).getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // Nobody reads stdout any more: there is no better place to say so, and work goes on.
        reportError(null, e, ErrorManager.WRITE_FAILURE);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
