package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread does everything that touches the database, and commits up to {@value #GROUP}
 * calls at a time: 13,000 sign-ups a second where a transaction each gave 2,600. It is a platform
 * thread because JNI pins a carrier, and with it every virtual thread.
 *
 * <p>Two lanes. Work for e-mails that exist (claims, heartbeats, results, releases) goes first and is
 * never refused; its amount is bounded by the sends in flight. Sign-ups are bounded by {@value
 * #MAX_SIGNUPS} and refused when the database is known to be in trouble.
 */
final class GroupCommit {
  /** Work on many arguments in one go; answers one result for each, in order. */
  interface Batch<A, R> {
    List<R> run(Connection connection, List<A> arguments) throws SQLException;
  }

  private static final System.Logger LOG = System.getLogger(GroupCommit.class.getName());

  /** More gains nothing, and makes the first of the group wait for the last. */
  private static final int GROUP = 256;

  /** A tenth of a second of work; with {@code PATIENCE} as the bound of every wait. */
  private static final int MAX_SIGNUPS = 1024;

  private final Session session;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Deque<Call<?, ?>> first = new ArrayDeque<>();
  private final Deque<Call<?, ?>> signups = new ArrayDeque<>();
  private final Thread writer;
  private boolean signupsClosed;
  private boolean closed;

  GroupCommit(Session session) {
    this.session = session;
    this.writer = Thread.ofPlatform().daemon().name("database-writer").unstarted(this::run);
    writer.start();
  }

  /** False from the first trouble until a commit has worked again; tried once a second. */
  boolean healthy() {
    return session.healthy();
  }

  /** A sign-up: bounded in number and time; withdrawn if it has not been begun by then. */
  <A, R> R signup(Batch<A, R> batch, A argument, Duration patience)
      throws DatabaseException, InterruptedException {
    if (!healthy()) {
      throw new DatabaseException("the database is in trouble");
    }
    return await(enqueue(signups, new Call<>(batch, argument, null), MAX_SIGNUPS), patience);
  }

  /** Work for e-mails that exist: goes before every sign-up. */
  <A, R> R first(Batch<A, R> batch, A argument, Duration patience)
      throws DatabaseException, InterruptedException {
    return await(enqueue(first, new Call<>(batch, argument, null), Integer.MAX_VALUE), patience);
  }

  /**
   * Never refused, never waited for: stays queued until it is committed, whatever the database does.
   *
   * @param committed called by the writer thread after the commit; must not block
   */
  <A, R> void keep(Batch<A, R> batch, A argument, Consumer<R> committed) {
    try {
      enqueue(first, new Call<>(batch, argument, committed), Integer.MAX_VALUE);
    } catch (DatabaseException e) {
      // Closed: this process has ended its work, and the row's lease decides.
      LOG.log(System.Logger.Level.ERROR, "result came after the database was closed", "error", e);
    }
  }

  /** No sign-up gets in any more; returns when those that had got in are committed or have failed. */
  void closeSignups(Duration patience) throws DatabaseException, InterruptedException {
    Call<Integer, Integer> last = new Call<>((connection, arguments) -> arguments, 0, null);
    lock.lock();
    try {
      if (!signupsClosed && !closed) {
        signupsClosed = true;
        signups.add(last);
        work.signal();
      } else {
        return;
      }
    } finally {
      lock.unlock();
    }
    await(last, patience);
  }

  private <A, R> Call<A, R> enqueue(Deque<Call<?, ?>> lane, Call<A, R> call, int limit)
      throws DatabaseException {
    lock.lock();
    try {
      if (closed || (lane == signups && signupsClosed)) {
        throw new DatabaseException("the database is closed");
      }
      if (lane.size() >= limit) {
        throw new DatabaseException("too many sign-ups wait for the database");
      }
      lane.add(call);
      work.signal();
      return call;
    } finally {
      lock.unlock();
    }
  }

  private <A, R> R await(Call<A, R> call, Duration patience)
      throws DatabaseException, InterruptedException {
    try {
      return call.await(patience);
    } finally {
      call.withdraw(); // if nobody waits any more; without effect once it was begun
    }
  }

  private void run() {
    while (true) {
      List<Call<?, ?>> group = take();
      if (group == null) {
        session.close();
        return;
      }
      try {
        commit(group);
      } catch (RuntimeException | Error e) { // a fault of ours must not end the only writer
        LOG.log(System.Logger.Level.ERROR, "database writer failed", "error", e);
        settle(group, new SQLException("database writer failed", e));
      }
    }
  }

  /** The next group; empty after an idle second; null when closed and nothing is left to do. */
  private @Nullable List<Call<?, ?>> take() {
    lock.lock();
    try {
      long nanos = TimeUnit.SECONDS.toNanos(1); // how often a database in trouble is tried
      while (first.isEmpty() && signups.isEmpty() && !closed && nanos > 0) {
        nanos = work.awaitNanos(nanos);
      }
      if (closed) {
        // Results that never got through are left to their leases; closing can't wait for them.
        first.forEach(call -> call.fail(new DatabaseException("the database is closed")));
        signups.forEach(call -> call.fail(new DatabaseException("the database is closed")));
        return null;
      }
      List<Call<?, ?>> group = new ArrayList<>();
      for (Deque<Call<?, ?>> lane : List.of(first, signups)) {
        while (group.size() < GROUP && !lane.isEmpty()) {
          Call<?, ?> call = lane.remove();
          if (call.begin()) {
            group.add(call);
          }
        }
      }
      return group;
    } catch (InterruptedException e) {
      return List.of(); // nobody interrupts the writer; if somebody does, it goes on
    } finally {
      lock.unlock();
    }
  }

  private void commit(List<Call<?, ?>> group) {
    if (group.isEmpty()) {
      session.probe();
      return;
    }
    try {
      session.commit(connection -> runAll(connection, group));
      group.forEach(Call::committed);
    } catch (Session.NotCommitted e) {
      if (e.poisoned() && group.size() > 1) {
        group.forEach(call -> commit(List.of(call))); // rolled back: each once, on its own
      } else {
        if (e.poisoned()) {
          LOG.log(System.Logger.Level.ERROR, "database refused a call", "error", e.cause());
        }
        settle(group, e.cause());
      }
    }
  }

  private static void runAll(Connection connection, List<Call<?, ?>> group) throws SQLException {
    Map<Batch<?, ?>, List<Call<?, ?>>> byBatch = new LinkedHashMap<>();
    for (Call<?, ?> call : group) {
      byBatch.computeIfAbsent(call.batch(), b -> new ArrayList<>()).add(call);
    }
    for (List<Call<?, ?>> calls : byBatch.values()) {
      Call.runAll(connection, calls);
    }
  }

  /** Fails those somebody waits for; what must be kept goes back to the head of its lane. */
  private void settle(List<Call<?, ?>> group, SQLException cause) {
    lock.lock();
    try {
      for (Call<?, ?> call : group.reversed()) {
        if (call.kept() && !closed) {
          first.addFirst(call.again());
        } else {
          call.fail(new DatabaseException("not stored", cause));
        }
      }
      if (!first.isEmpty() && !closed) {
        work.awaitNanos(TimeUnit.MILLISECONDS.toNanos(100)); // not in a spin while it fails
      }
    } catch (InterruptedException e) {
      // as in take()
    } finally {
      lock.unlock();
    }
  }

  /** Ends the writer, within {@code patience}. What is queued fails; call it when nothing should be. */
  boolean close(Duration patience) throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    return writer.join(patience);
  }
}
