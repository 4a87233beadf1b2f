package lastcall.background;

import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.function.Predicate;

/** The only class that touches StructuredTaskScope; this one is for JDK 25 and later. */
final class StructuredScope {
  private StructuredScope() {}

  interface Owner {
    /** Forks (false: cancelled, the task is dropped); returns whether every task has ended. */
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
        // Deadline. withTimeout would count from open, so the owner interrupts itself: join gives
        // up at once, and close, which finds the join given up, cancels and waits for the tasks.
        Thread.currentThread().interrupt();
      }
      scope.join();
      Thread.interrupted(); // join has not seen it if the last task ended just now
    } catch (InterruptedException cancelled) { // by the lines above
    } catch (Exception failed) { // checked from 27 on
      throw new IllegalStateException("a throwable has left a task of " + name, failed);
    }
  }
}
