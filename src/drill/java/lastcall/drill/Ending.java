package lastcall.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import lastcall.drill.Timeline.Mark;
import org.jspecify.annotations.Nullable;

/** Ends one instance, or all in turn, and counts the rows that were claimed at the exits. */
final class Ending {
  /** Between two looks at the rows of an instance that was killed. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private final Scenario scenario;
  private final Instances instances;
  private final Rows rows;
  private final Progress progress;
  private final Progress.Line books;
  private final Recorder recorder;
  private final List<FutureTask<Double>> takeovers = new ArrayList<>();
  private int inFlight;
  private double seconds;
  private int status;

  Ending(
      Scenario scenario,
      Instances instances,
      Rows rows,
      Progress progress,
      Progress.Line books,
      Recorder recorder) {
    this.scenario = scenario;
    this.instances = instances;
    this.rows = rows;
    this.progress = progress;
    this.books = books;
    this.recorder = recorder;
  }

  /**
   * @param signalled false if the process ends by itself
   */
  void run(boolean signalled) throws Exception {
    int count = instances.count();
    int first = new SplittableRandom(scenario.seed() + scenario.repeat()).nextInt(count);
    int ended = scenario.fleet().rolling() ? count : 1;
    for (int i = first; i < first + ended; i++) {
      end(i % count, signalled);
      if (scenario.goesOn() && (scenario.restart() || scenario.fleet().rolling())) {
        progress.show(() -> books.text() + ", starting again");
        instances.restart(i % count);
        recorder.mark(Mark.Kind.START, "serves again");
      }
    }
  }

  private void end(int i, boolean signalled) throws Exception {
    ServiceProcess service = instances.get(i);
    if (signalled && !service.isAlive()) {
      throw service.stuck("the service ended before the signal");
    }
    // Elsewhere all that is claimed is its own; and not every main class that is tested says this.
    String who =
        scenario.goesOn()
            ? " = '" + service.await("outbox opened").get("owner") + "'"
            : " IS NOT NULL";
    String claimed = Rows.DUE + " AND owner" + who;
    Duration bound = scenario.service().deadline().plus(Scenario.Service.FORCE);
    long signal = System.nanoTime();
    progress.show(() -> books.text() + atMost(bound, signal));
    signal(service, signalled, bound);
    long exit = System.nanoTime();
    instances.ended(i);
    seconds = Math.max(seconds, (exit - signal) / 1e9);
    int exitStatus = service.awaitExit();
    status = Math.max(status, exitStatus);
    recorder.mark(Mark.Kind.EXIT, "exit, status " + exitStatus, exit);
    service.log("completing background tasks").stream()
        .findFirst()
        .ifPresent(line -> recorder.mark(Mark.Kind.PHASE, "drain", line));
    inFlight += rows.count(claimed);
    if (scenario.goesOn() && scenario.signal().forces()) {
      FutureTask<Double> takeover = new FutureTask<>(() -> takeover(claimed, exit));
      takeovers.add(takeover);
      Thread.ofVirtual().name("takeover").start(takeover);
    }
  }

  /** Sends the signals, unless it ends without, and returns at the exit. */
  private void signal(ServiceProcess service, boolean signalled, Duration bound) throws Exception {
    Signals signals = scenario.signal();
    if (signalled) {
      signal(service, signals.first());
      markBounds();
    }
    if (signalled && signals.second() != null && !service.endsWithin(signals.pause())) {
      signal(service, signals.second());
    }
    Duration patience = bound.plus(ServiceProcess.GUARD);
    if (!service.endsWithin(patience)) {
      throw service.stuck(
          "the service had not ended " + patience.toSeconds() + " s after " + signals.text());
    }
  }

  private void signal(ServiceProcess service, String name) throws Exception {
    recorder.mark(Mark.Kind.SIGNAL, name);
    service.signal(name);
  }

  /** Of the signal that was just sent. */
  private void markBounds() {
    Duration deadline = scenario.service().deadline();
    if (scenario.signal().first().equals("KILL")) {
      return;
    }
    if (!scenario.memory()) {
      recorder.mark(Mark.Kind.BOUND, "cut", System.nanoTime() + deadline.minusSeconds(1).toNanos());
    }
    recorder.mark(Mark.Kind.BOUND, "deadline", System.nanoTime() + deadline.toNanos());
  }

  private double takeover(String claimed, long exit) throws Exception {
    while (rows.count(claimed) > 0) { // as long as e-mails are due, which the run bounds
      Thread.sleep(LOOK);
    }
    return (System.nanoTime() - exit) / 1e9;
  }

  private static String atMost(Duration bound, long since) {
    double left = bound.toMillis() / 1e3 - (System.nanoTime() - since) / 1e9;
    return ", stopping, at most " + Math.round(Math.max(0, left)) + " s left";
  }

  /** Rows that those which ended had claimed. */
  int inFlight() {
    return inFlight;
  }

  /** From the signal to the exit, the longest. */
  double seconds() {
    return seconds;
  }

  /** The highest. */
  int status() {
    return status;
  }

  /** From an exit until nothing was its any more, the longest in seconds; null if none was. */
  @Nullable Double takeover() throws Exception {
    Double longest = null;
    for (FutureTask<Double> takeover : takeovers) {
      double one = takeover.get(2 * Instances.STANDSTILL.toSeconds(), TimeUnit.SECONDS);
      longest = longest == null ? one : Math.max(longest, one);
    }
    return longest;
  }
}
