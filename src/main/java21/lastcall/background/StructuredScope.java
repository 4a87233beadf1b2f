package lastcall.background;

import java.util.concurrent.Executors;
import java.util.concurrent.StructuredTaskScope;
import java.util.function.Predicate;

/** The only class that touches StructuredTaskScope; this one is for JDK 21 to 24. */
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
    // Before JDK 24 a virtual thread that blocks while it holds a monitor keeps its carrier. Angus
    // Mail holds one while it waits for the server, so two carriers would mean two sends at a time.
    boolean virtual = Runtime.version().feature() >= 24;
    Thread.Builder threads = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    try (var scope = new StructuredTaskScope<>(name, threads.name(name + "-", 1).factory())) {
      Predicate<Runnable> fork =
          task -> {
            scope.fork(Executors.callable(task));
            return !scope.isShutdown();
          };
      if (!owner.own(fork)) {
        scope.shutdown(); // interrupts the tasks; close then waits for them
      }
      scope.join();
    } catch (InterruptedException cancelled) {
      // Somebody has interrupted the owner. Close has interrupted the tasks.
    }
  }
}
