package lastcall.background;

import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;

/** The only class that touches StructuredTaskScope; this one is for JDK 25 and later. */
final class StructuredScope {
  private StructuredScope() {}

  /** Opens a scope, has it owned, and returns when it is closed and every task has ended. */
  static void run(String name, ScopeOwner owner) {
    var threads = Thread.ofVirtual().name(name + "-", 1).factory();
    // var, since the scope's type has two parameters on 25 and 26, and three from 27 on.
    try (var scope =
        StructuredTaskScope.open(
            Joiner.<Void>awaitAllSuccessfulOrThrow(),
            c -> c.withName(name).withThreadFactory(threads))) {
      boolean ended =
          owner.own(
              task -> {
                scope.fork(task);
                return !scope.isCancelled();
              });
      if (!ended) {
        // withTimeout counts from open, so the deadline is the owner's. An interrupt of its own
        // makes join give up at once, and close cancels what still runs, then waits for it.
        Thread.currentThread().interrupt();
      }
      scope.join();
    } catch (InterruptedException cancelled) {
      // by the lines above
    } catch (Exception failed) { // from 27 on join's is a checked one
      throw new IllegalStateException("a throwable has left a task of scope " + name, failed);
    }
  }
}
