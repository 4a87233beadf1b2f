package lastcall.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/** One call's way through {@link GroupCommit}: queued, then taken by the writer or withdrawn. */
final class Call<A, R> {
  private enum State {
    QUEUED,
    /** The writer runs it to its end, even if its caller no longer waits. */
    TAKEN,
    WITHDRAWN
  }

  private static final EventLog LOG = EventLog.of(Call.class);

  /** How often a refused call is tried as it is; then its plain form is. */
  private static final int REFUSALS = 3;

  private static final Duration PAUSE = Duration.ofMillis(100);

  final GroupCommit.Batch<A, R> batch;
  private final A plain;
  private final boolean kept;
  private final Consumer<R> committed;
  private final Runnable failed;
  private final CompletableFuture<R> done = new CompletableFuture<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

  // Only the writer thread touches these, once the call is queued.
  private A argument;
  private @Nullable R result;
  private int refusals;
  private String refused = "";

  Call(GroupCommit.Batch<A, R> batch, A argument) {
    this(batch, argument, argument, false, done -> {}, () -> {});
  }

  /**
   * @param plain stored instead once the database has refused {@code argument} a few times
   * @param kept whether it must be tried until it is committed
   * @param committed called by the writer after the commit
   * @param failed called if it will never be committed, or nobody knows
   */
  Call(
      GroupCommit.Batch<A, R> batch,
      A argument,
      A plain,
      boolean kept,
      Consumer<R> committed,
      Runnable failed) {
    this.batch = batch;
    this.argument = argument;
    this.plain = plain;
    this.kept = kept;
    this.committed = committed;
    this.failed = failed;
  }

  /** True for a call that must be tried until it is committed. */
  boolean kept() {
    return kept && !done.isDone();
  }

  /**
   * Called by the writer when the database works and has refused this call.
   *
   * @return how long the next try waits
   */
  Duration refused(Throwable why) {
    refusals++;
    if (refusals == REFUSALS) {
      refused = argument.equals(plain) ? "" : String.valueOf(why.getMessage());
      argument = plain;
    } else if (refusals == REFUSALS + 1) { // once
      LOG.error(
          why,
          "database refuses a result in its plainest form: kept, and tried every 10 s result=%s",
          plain);
    }
    return PAUSE.multipliedBy(Math.min(1L << Math.min(refusals, 7), 100)); // 0.2 s to 10 s
  }

  boolean wasRefused() {
    return refusals > 0;
  }

  /** Called by the writer. Returns false when the caller has withdrawn it: then it never runs. */
  boolean take() {
    return state.compareAndExchange(State.QUEUED, State.TAKEN) != State.WITHDRAWN;
  }

  /** All of one batch; the cast is safe because {@code all} share the batch they came with. */
  @SuppressWarnings("unchecked")
  static void runAll(Sql sql, List<Call<?, ?>> all) throws SQLException {
    List<Call<Object, Object>> calls = (List<Call<Object, Object>>) (List<?>) all;
    List<Object> arguments = calls.stream().map(call -> call.argument).toList();
    List<Object> results = calls.getFirst().batch.run(sql, arguments);
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).result = Objects.requireNonNull(results.get(i));
    }
  }

  void committed() {
    R value = Objects.requireNonNull(result);
    done.complete(value);
    if (refusals == REFUSALS && !refused.isEmpty()) {
      LOG.warn(
          "database refused a result: stored without its text, which is lost result=%s why=%s",
          plain, refused);
    }
    guarded(() -> committed.accept(value));
  }

  void fail(DatabaseException cause) {
    if (done.completeExceptionally(cause)) { // not after a commit that was told already
      guarded(failed);
    }
  }

  /** The writer must not take a fault in here for a failed commit. */
  private static void guarded(Runnable afterwards) {
    try {
      afterwards.run();
    } catch (RuntimeException e) {
      LOG.error(e, "a callback of the database writer failed");
    }
  }

  /**
   * Waits for the end of the call. Both times count from now. A call that the writer has not taken
   * within {@code untilTaken} is withdrawn, and never runs. A call that it has taken is committed
   * or fails, whether its caller waits or not.
   */
  R await(Duration untilTaken, Duration untilDone) throws DatabaseException, InterruptedException {
    Deadline end = Deadline.in(untilDone);
    try {
      try {
        return done.get(untilTaken.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (withdraw()) {
          throw new DatabaseException(
              "not begun: the database was busy for " + untilTaken.toMillis() + "ms");
        }
      }
      return done.get(end.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new DatabaseException(
          "the database did not answer within " + untilDone.toMillis() + "ms");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof DatabaseException failed
          ? failed
          : new DatabaseException("not stored", e);
    } finally {
      withdraw(); // or an interrupted caller's call would still run
    }
  }

  private boolean withdraw() {
    return state.compareAndSet(State.QUEUED, State.WITHDRAWN);
  }
}
