package lastcall.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged with a stack trace, from here to the close. */
final class Traces extends Handler implements AutoCloseable {
  private static final Logger ROOT = Logger.getLogger("");

  private final List<Throwable> thrown = new CopyOnWriteArrayList<>();

  Traces() {
    ROOT.addHandler(this);
  }

  List<Throwable> thrown() {
    return List.copyOf(thrown);
  }

  @Override
  public void publish(LogRecord record) {
    if (record.getThrown() != null) {
      thrown.add(record.getThrown());
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    ROOT.removeHandler(this);
  }
}
