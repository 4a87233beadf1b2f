package lastcall.background;

import java.util.concurrent.Executors;
import java.util.concurrent.StructuredTaskScope;

/** The only class that touches StructuredTaskScope; this one is for JDK 21 to 24. */
final class StructuredScope {
  private StructuredScope() {}

  /** Opens a scope, has it owned, and returns when it is closed and every task has ended. */
  static void run(String name, ScopeOwner owner) {
    // Before JDK 24 a virtual thread that blocks inside a monitor keeps its carrier, and Angus
    // Mail holds one during its socket I/O: two carriers would mean two sends at a time.
    boolean virtual = Runtime.version().feature() >= 24;
    Thread.Builder threads = virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon();
    try (var scope =
        new StructuredTaskScope<Object>(name, threads.name(name + "-", 1).factory())) {
      boolean ended =
          owner.own(
              task -> {
                scope.fork(Executors.callable(task));
                return !scope.isShutdown();
              });
      if (!ended) {
        scope.shutdown(); // interrupts what still runs; close then waits for it
      }
      scope.join();
    } catch (InterruptedException impossible) {
      throw new IllegalStateException("only the owner knows its thread", impossible);
    }
  }
}
