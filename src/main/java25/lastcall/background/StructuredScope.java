package lastcall.background;

import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.function.Predicate;

/** The only class that touches StructuredTaskScope; this one is for JDK 25 and later. */
final class StructuredScope {
  private StructuredScope() {}

  interface Owner {
    /**
     * Runs on the owner thread as long as the scope is to be open.
     *
     * @param fork forks a task; false when the scope is cancelled, and the task was dropped
     * @return whether every task has ended
     */
    boolean own(Predicate<Runnable> fork);
  }

  /** Opens a scope, has it owned, and returns when it is closed and every task has ended. */
  static void run(String name, Owner owner) {
    var threads = Thread.ofVirtual().name(name + "-", 1).factory();
    try (var scope = // its type has two parameters on 25 and 26, and three from 27 on
        StructuredTaskScope.open(
            Joiner.<Void>awaitAllSuccessfulOrThrow(),
            c -> c.withName(name).withThreadFactory(threads))) {
      Predicate<Runnable> fork =
          task -> {
            scope.fork(task);
            return !scope.isCancelled();
          };
      if (!owner.own(fork)) {
        // The deadline has passed. The scope's own timeout would count from open, and so from the
        // start of the application. So the owner interrupts itself instead: then join gives up at
        // once, and close interrupts the tasks and waits for them.
        Thread.currentThread().interrupt();
      }
      scope.join();
      Thread.interrupted(); // still set if the last task ended before join looked
    } catch (InterruptedException cancelled) { // by the interrupt above
    } catch (Exception failed) { // checked from 27 on
      throw new IllegalStateException("a throwable has left a task of " + name, failed);
    }
  }
}
