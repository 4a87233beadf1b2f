package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One call's way through {@link GroupCommit}. */
final class Call<A, R> {
  private enum State {
    QUEUED,
    BEGUN,
    /** The COMMIT is next: too late to withdraw. */
    SEALED,
    /** Sealed, and its caller has left: withdrawn if it is not committed after all. */
    LEFT,
    WITHDRAWN
  }

  private static final System.Logger LOG = System.getLogger(Call.class.getName());

  private final GroupCommit.Batch<A, R> batch;
  private final A argument;
  private final @Nullable Consumer<R> committed;
  private final CompletableFuture<R> done = new CompletableFuture<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
  private @Nullable R result; // touched by the writer thread only

  Call(GroupCommit.Batch<A, R> batch, A argument) {
    this(batch, argument, null);
  }

  /**
   * @param committed not null for a call that must be kept until it is committed
   */
  Call(GroupCommit.Batch<A, R> batch, A argument, @Nullable Consumer<R> committed) {
    this.batch = batch;
    this.argument = argument;
    this.committed = committed;
  }

  GroupCommit.Batch<A, R> batch() {
    return batch;
  }

  boolean kept() {
    return committed != null;
  }

  /** False when the caller has given up: then it is not run at all. */
  boolean begin() {
    return state.compareAndSet(State.QUEUED, State.BEGUN);
  }

  /** False when the caller has given up meanwhile: then it must not be committed. */
  boolean seal() {
    return state.compareAndSet(State.BEGUN, State.SEALED);
  }

  /** Rolled back and run once more: may be withdrawn again. */
  void unseal() {
    if (!state.compareAndSet(State.SEALED, State.BEGUN)) {
      state.compareAndSet(State.LEFT, State.WITHDRAWN);
    }
  }

  boolean withdrawn() {
    return state.get() == State.WITHDRAWN;
  }

  /** Queued once more, after a commit that did not work. */
  Call<A, R> again() {
    state.set(State.QUEUED);
    return this;
  }

  /** All of one batch; the cast is safe because {@code calls} share the batch they came with. */
  @SuppressWarnings("unchecked")
  static void runAll(Connection connection, List<Call<?, ?>> calls) throws SQLException {
    runTyped(connection, (List<Call<Object, Object>>) (List<?>) calls);
  }

  private static void runTyped(Connection connection, List<Call<Object, Object>> calls)
      throws SQLException {
    List<Object> arguments = calls.stream().map(call -> call.argument).toList();
    List<Object> results = calls.getFirst().batch.run(connection, arguments);
    for (int i = 0; i < calls.size(); i++) {
      calls.get(i).result = results.get(i);
    }
  }

  void committed() {
    R value = result;
    if (value == null) {
      throw new IllegalStateException("committed without a result");
    }
    done.complete(value);
    try {
      if (committed != null) {
        committed.accept(value);
      }
    } catch (RuntimeException | Error e) { // what is committed must not be run again
      LOG.log(System.Logger.Level.ERROR, "told of a commit, and failed", "error", e);
    }
  }

  void fail(DatabaseException cause) {
    done.completeExceptionally(cause);
  }

  /** Who gives up withdraws the call: it is not stored then, unless its COMMIT was under way. */
  R await(Duration patience) throws DatabaseException, InterruptedException {
    try {
      return done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new DatabaseException("the database did not answer within " + patience);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof DatabaseException failed
          ? failed
          : new DatabaseException("not stored", e);
    } finally {
      state.updateAndGet(now -> now == State.SEALED ? State.LEFT : State.WITHDRAWN);
    }
  }
}
