package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import lastcall.log.EventLog;

/**
 * One platform thread does everything that touches the database, and commits a group of calls at a
 * time: 13,000 sign-ups a second where a transaction each gave 2,600. It is a platform thread
 * because JNI pins a carrier, and with it every virtual thread.
 */
final class GroupCommit {
  /** Work on many arguments in one go; answers one result for each, in order. */
  interface Batch<A, R> {
    List<R> run(Connection connection, List<A> arguments) throws SQLException;
  }

  private static final EventLog LOG = EventLog.of(GroupCommit.class);

  /** How often a database in trouble is tried when nothing else does. */
  private static final Duration PROBE = Duration.ofSeconds(1);

  /** Between two tries of what must not be lost, so that a full disk costs no processor. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A commit that takes longer is told of, but not each of them. */
  private static final Duration SLOW = Duration.ofSeconds(1);

  private static final Duration SLOW_LINES = Duration.ofSeconds(10);

  private final Session session;
  private final StoreListener listener;
  private final Lanes lanes = new Lanes();
  private final Thread writer;
  private long slowLine = System.nanoTime() - SLOW_LINES.toNanos(); // the writer's own

  GroupCommit(Session session, StoreListener listener) {
    this.session = session;
    this.listener = listener;
    this.writer = Thread.ofPlatform().daemon().name("database-writer").unstarted(this::run);
    writer.start();
  }

  /** False from the first trouble until a commit has worked again. */
  boolean healthy() {
    return session.healthy();
  }

  /**
   * A sign-up: bounded in number and time. If the writer has taken it by then, it may be committed
   * all the same: the caller can't say.
   */
  <A, R> R signup(Batch<A, R> batch, A argument, Duration patience)
      throws DatabaseException, InterruptedException {
    if (!healthy()) {
      throw new DatabaseException("the database is in trouble");
    }
    Call<A, R> call = new Call<>(batch, argument);
    lanes.addSignup(call);
    return call.await(patience, patience);
  }

  /**
   * Work for e-mails that exist: goes before every sign-up. Both times count from the call.
   *
   * @throws DatabaseException "not begun" when the writer did not take it within {@code
   *     untilTaken}: then it never runs. Otherwise when it failed; or when it was not done within
   *     {@code untilDone}, and then it may be committed all the same
   */
  <A, R> R first(Batch<A, R> batch, A argument, Duration untilTaken, Duration untilDone)
      throws DatabaseException, InterruptedException {
    Call<A, R> call = new Call<>(batch, argument);
    lanes.addFirst(call);
    return call.await(untilTaken, untilDone);
  }

  /**
   * Never refused, never waited for: stays queued until committed, whatever the database does.
   *
   * @param plain stored instead when the database refuses {@code argument} again and again
   * @param committed called by the writer thread after the commit; must not block
   */
  <A, R> void keep(Batch<A, R> batch, A argument, A plain, Consumer<R> committed) {
    try {
      lanes.addFirst(new Call<>(batch, argument, plain, committed));
    } catch (DatabaseException e) {
      // This process has ended its work, and the row's lease decides.
      LOG.error(e, "result came after the database was closed");
    }
  }

  /** No sign-up gets in any more; returns when those that had got in are committed or failed. */
  void closeSignups(Duration patience) throws DatabaseException, InterruptedException {
    Call<Integer, Integer> last = new Call<>((connection, arguments) -> arguments, 0);
    lanes.closeSignups(last);
    last.await(patience, patience);
  }

  /** What is queued fails; false if the writer still hung in the database after that time. */
  boolean close(Duration patience) throws InterruptedException {
    lanes.close();
    return writer.join(patience);
  }

  /** Who only listens can't spoil a commit. */
  void tell(StoreEvent event) {
    try {
      listener.on(event);
    } catch (RuntimeException e) {
      LOG.error(e, "listener failed");
    }
  }

  private void run() {
    try {
      while (!lanes.closed()) {
        List<Call<?, ?>> group = lanes.take(PROBE);
        if (group.isEmpty()) {
          session.probe();
        }
        try {
          // A call that was refused would be so again, and with it all that share its group.
          List<Call<?, ?>> refused = group.stream().filter(Call::wasRefused).toList();
          commit(group.stream().filter(call -> !refused.contains(call)).toList(), false);
          refused.forEach(call -> commit(List.of(call), true));
        } catch (RuntimeException e) { // a fault of ours must not end the only writer
          LOG.error(e, "database writer failed");
          settle(group, e);
        }
      }
    } catch (InterruptedException e) {
      LOG.error(e, "database writer ended"); // nobody interrupts it
    } finally {
      lanes.close(); // whatever ended it: nobody shall wait for it
      tell(new StoreEvent.Closing());
      session.close();
    }
  }

  /**
   * @param last no further try: what fails now is refused
   */
  private void commit(List<Call<?, ?>> group, boolean last) {
    if (group.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    try {
      session.commit(connection -> runAll(connection, group));
    } catch (Session.NotCommitted e) {
      if (!e.poisoned()) {
        settle(group, e.cause());
      } else if (last) {
        refused(group.getFirst(), e.cause());
      } else {
        // Rolled back: each once, on its own, while that works. A call that was alone as well,
        // since
        // its connection may have been closed by the server, and it works on the new one.
        for (Call<?, ?> call : group) {
          List<Call<?, ?>> alone = List.of(call);
          if (healthy()) {
            commit(alone, true);
          } else {
            settle(alone, e.cause());
          }
        }
      }
      return;
    }
    long took = System.nanoTime() - began;
    tell(new StoreEvent.Committed(group.size()));
    group.forEach(Call::committed);
    if (took > SLOW.toNanos() && System.nanoTime() - slowLine > SLOW_LINES.toNanos()) {
      slowLine = System.nanoTime();
      LOG.warn(
          "database is slow: everybody waited for this commit took=%s calls=%s",
          Duration.ofNanos(took).toMillis() + "ms", group.size());
    }
  }

  private void runAll(Connection connection, List<Call<?, ?>> group) throws SQLException {
    Map<Batch<?, ?>, List<Call<?, ?>>> byBatch = new LinkedHashMap<>();
    for (Call<?, ?> call : group) {
      byBatch.computeIfAbsent(call.batch(), b -> new ArrayList<>()).add(call);
    }
    for (List<Call<?, ?>> calls : byBatch.values()) {
      Call.runAll(connection, calls);
    }
    tell(new StoreEvent.Committing(group.size()));
  }

  /** The database works, and this call was the trouble. */
  private void refused(Call<?, ?> call, Throwable why) {
    if (!call.kept()) {
      LOG.error(why, "database refused a call");
      call.fail(new DatabaseException("not stored", why));
    } else {
      lanes.putAside(call, call.refused(why));
    }
  }

  /** Fails those somebody waits for; what must be kept is tried again. */
  private void settle(List<Call<?, ?>> group, Throwable cause) {
    for (Call<?, ?> call : group) {
      if (!call.kept() || !lanes.putAside(call, PAUSE)) {
        call.fail(new DatabaseException("not stored", cause));
      }
    }
  }
}
