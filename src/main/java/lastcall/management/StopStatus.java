package lastcall.management;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import lastcall.admin.InstanceRows;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.outbox.StopCounts;
import lastcall.shutdown.Deadline;
import lastcall.shutdown.ShutdownPhase;
import org.jspecify.annotations.Nullable;

/**
 * How far the stop of this process has come. The stop's threads tell it, and never wait for it; any
 * thread may ask.
 */
public final class StopStatus implements DeliveryListener {
  /** The sends without their final dot are cut so long before the deadline. */
  private static final Duration CUT = Duration.ofSeconds(1);

  /** A phase, begun; volatile fields since its own thread ends it. */
  private static final class Run {
    private final ShutdownPhase phase;
    private final int place; // among all phases
    private final Deadline began = Deadline.in(Duration.ZERO);
    private volatile @Nullable Duration took;
    private volatile boolean failed;
    private volatile boolean leftBehind; // the next phase has begun before its end

    private Run(ShutdownPhase phase, int place) {
      this.phase = phase;
      this.place = place;
    }
  }

  private record Begun(String signal, Deadline arrived, Deadline deadline, Deadline force) {}

  private record Ended(StopCounts counts, int status, Deadline at) {}

  private final List<Run> runs = new CopyOnWriteArrayList<>();
  private final long wallClock = System.currentTimeMillis();
  private final long monotonic = System.nanoTime();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private volatile Runnable onChange = () -> {};
  private volatile @Nullable Begun begun;
  private volatile DeliveryEvent.@Nullable DrainBegan drainBegan;
  private volatile DeliveryEvent.@Nullable Draining draining;
  private volatile @Nullable Ended ended;

  /**
   * The stop has begun.
   *
   * @param force after the deadline the process is gone by then
   */
  public void began(String signal, Deadline arrived, Duration deadline, Duration force) {
    Deadline end = arrived.plus(deadline);
    begun = new Begun(signal, arrived, end, end.plus(force));
    changed();
  }

  /**
   * @param listener called on the stop's threads; must not block
   */
  void onChange(Runnable listener) {
    onChange = listener;
  }

  /** The same phases, each of which tells here when it begins and ends. */
  public List<ShutdownPhase> watched(List<ShutdownPhase> phases) {
    List<ShutdownPhase> watched = new ArrayList<>();
    for (ShutdownPhase phase : phases) {
      int place = watched.size();
      ShutdownPhase.Step step =
          until -> {
            Run run = begin(new Run(phase, place));
            try {
              phase.step().run(until);
              run.failed = false;
            } finally {
              run.took = run.began.elapsed();
            }
          };
      watched.add(new ShutdownPhase(phase.name(), phase.why(), phase.bound(), step));
    }
    return watched;
  }

  /** One phase begins after the other, each on a thread of its own. */
  private Run begin(Run run) {
    if (!runs.isEmpty() && runs.getLast().took == null) {
      runs.getLast().leftBehind = true;
    }
    run.failed = true; // unless it comes to its end
    runs.add(run);
    changed();
    return run;
  }

  /**
   * How many of the phases before the one that runs have failed: thrown, were left behind, or got
   * no thread.
   */
  public int failed() {
    if (runs.isEmpty()) {
      return 0;
    }
    List<Run> before = runs.subList(0, runs.size() - 1);
    int noThread = runs.getLast().place - before.size();
    return noThread + (int) before.stream().filter(run -> run.failed || run.leftBehind).count();
  }

  /** All is done but the exit. */
  public void ended(StopCounts counts, int status) {
    ended = new Ended(counts, status, Deadline.in(Duration.ZERO));
    changed();
  }

  /** Wakes those who show the stop; they hold the lock for moments only. */
  private void changed() {
    onChange.run();
    lock.lock();
    try {
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the stop has come further, or after that time; now and then without a reason. */
  @SuppressWarnings("WaitNotInLoop")
  void awaitChange(Duration longest) throws InterruptedException {
    lock.lock();
    try {
      change.awaitNanos(longest.toNanos());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void on(DeliveryEvent event) {
    if (event instanceof DeliveryEvent.DrainBegan began) {
      drainBegan = began;
    } else if (event instanceof DeliveryEvent.Draining now) {
      draining = now;
    }
  }

  boolean running() {
    return begun != null;
  }

  /** As this process's row in the database says it. */
  InstanceRows.Row row(InstanceRows.Row serving) {
    Begun stop = begun;
    Ended end = ended;
    if (stop == null) {
      return serving;
    }
    return new InstanceRows.Row(
        serving.id(),
        serving.host(),
        serving.pid(),
        serving.version(),
        serving.startedAt(),
        serving.seenAt(),
        end == null ? "stopping" : "stopped",
        wall(stop.arrived()),
        stop.signal(),
        wall(stop.deadline()),
        phase(),
        end == null ? null : wall(end.at()),
        end == null ? null : end.status(),
        end == null ? null : counts(end.counts()).toString().replaceAll("[{},]", ""));
  }

  /** The phase that runs, or the last one; "" before the stop. */
  String phase() {
    return runs.isEmpty() ? "" : runs.getLast().phase.name();
  }

  /** Seconds since 1970; NaN before the stop. */
  double deadline() {
    Begun stop = begun;
    return stop == null ? Double.NaN : wall(stop.deadline()) / 1000.0;
  }

  @Nullable Integer status() {
    Ended end = ended;
    return end == null ? null : end.status();
  }

  /** For pages and JSON; null before the stop. */
  @Nullable Map<String, Object> tree() {
    Begun stop = begun;
    if (stop == null) {
      return null;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("signal", stop.signal());
    tree.put("began_at", Times.instant(wall(stop.arrived())));
    tree.put("deadline_at", Times.instant(wall(stop.deadline())));
    tree.put("elapsed_ms", stop.arrived().elapsed().toMillis());
    tree.put("deadline_in_ms", stop.deadline().remaining().toMillis());
    tree.put("cut_in_ms", stop.deadline().minus(CUT).remaining().toMillis());
    tree.put("force_in_ms", stop.force().remaining().toMillis());
    tree.put("phase", phase());
    tree.put("phase_why", runs.isEmpty() ? "" : runs.getLast().phase.why());
    tree.put("phases", runs.stream().map(run -> phase(stop, run)).toList());
    DeliveryEvent.DrainBegan began = drainBegan;
    DeliveryEvent.Draining now = draining;
    tree.put("drain", began == null ? null : DrainTree.of(began, now, stop.deadline().minus(CUT)));
    Ended end = ended;
    tree.put("status", end == null ? null : end.status());
    tree.put("counts", end == null ? null : counts(end.counts()));
    return tree;
  }

  private static Map<String, Object> phase(Begun stop, Run run) {
    Map<String, Object> tree = new LinkedHashMap<>();
    Duration took = run.took;
    tree.put("name", run.phase.name());
    tree.put("why", run.phase.why());
    tree.put("began_ms", stop.arrived().elapsed().minus(run.began.elapsed()).toMillis());
    tree.put("took_ms", took == null ? null : took.toMillis());
    tree.put("bound_ms", run.phase.bound().toMillis());
    tree.put("running", took == null);
    tree.put("failed", run.leftBehind || (took != null && run.failed));
    return tree;
  }

  static Map<String, Object> counts(StopCounts counts) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("sent", counts.sent());
    tree.put("released", counts.released());
    tree.put("later", counts.later());
    tree.put("unknown", counts.unknown());
    tree.put("unrecorded", counts.unrecorded());
    return tree;
  }

  /** Milliseconds since 1970 by the clock as it was when this process started. */
  private long wall(Deadline at) {
    return wallClock + (at.at() - monotonic) / 1_000_000;
  }
}
