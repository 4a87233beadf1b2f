package lastcall.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
    // Helidon tells its own life cycle at INFO; ours stands in the five lines of the log.
    List<Logger> quiet = List.of(Logger.getLogger("io.helidon"), Logger.getLogger("jakarta.mail"));
    quiet.forEach(logger -> logger.setLevel(Level.WARNING));
    root.addHandler(new Stdout(quiet));
  }

  /** Unbuffered, one write a line: what is logged is out, also when the process halts right after. */
  private static final class Stdout extends Handler {
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

    /** Held because java.util.logging holds loggers, and so their levels, weakly. */
    private final List<Logger> held;

    Stdout(List<Logger> held) {
      this.held = held;
      setFormatter(new LogfmtFormatter());
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
        reportError(null, e, java.util.logging.ErrorManager.WRITE_FAILURE);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
