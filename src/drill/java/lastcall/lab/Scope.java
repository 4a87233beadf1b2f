package lastcall.lab;

import java.time.Duration;
import lastcall.background.BackgroundScope;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;

/**
 * The service's own long-lived scope, without the outbox behind it: nothing starts behind a
 * finished stop, and one cancel reaches all.
 *
 * <p>Wrong, as with the other six: at SIGKILL whatever is in memory is lost.
 */
final class Scope implements Strategy {
  private static final EventLog LOG = EventLog.of(Scope.class);

  private final BackgroundScope scope =
      new BackgroundScope(
          "send", MemoryTasks.MOST, thrown -> LOG.error(thrown, "background task failed"));

  @Override
  public boolean submit(Runnable task) {
    return scope.submit(task);
  }

  @Override
  public void stop(Deadline deadline) throws InterruptedException {
    scope.stop();
    scope.awaitIdle(deadline.minus(Duration.ofSeconds(1)).remaining());
    scope.close(Duration.ZERO);
  }
}
