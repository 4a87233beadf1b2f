package lastcall.lab;

import java.lang.System.Logger.Level;
import java.time.Duration;
import lastcall.background.BackgroundScope;
import lastcall.shutdown.Deadline;

/**
 * The service's own long-lived scope, without the outbox behind it: nothing starts behind a
 * finished stop, and one cancel reaches all.
 *
 * <p>Wrong, as with the other six: at SIGKILL whatever is in memory is lost.
 */
final class Scope implements Strategy {
  private static final System.Logger LOG = System.getLogger(Scope.class.getName());

  private final BackgroundScope scope =
      new BackgroundScope(
          "send",
          MemorySending.MOST,
          thrown -> LOG.log(Level.ERROR, "background task failed", "error", thrown));

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
