package lastcall.store;

import java.time.Duration;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;

/** Logs commits that take long, since everybody waits for them; at most one each 10 s. */
public final class StoreLogger implements StoreListener {
  private static final EventLog LOG = EventLog.of(StoreLogger.class);
  private static final Duration SLOW = Duration.ofSeconds(1);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private Deadline nextLine = Deadline.in(Duration.ZERO); // only the writer thread calls us

  @Override
  public void on(StoreEvent event) {
    if (event instanceof StoreEvent.Committed(int calls, Duration took)
        && took.compareTo(SLOW) > 0
        && nextLine.passed()) {
      nextLine = Deadline.in(BETWEEN_LINES);
      LOG.warn("database is slow: everybody waited for this commit took=%s calls=%s", took, calls);
    }
  }
}
