package lastcall.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import lastcall.log.EventLog;

/**
 * One thread, the writer, does everything that touches the database, and commits a group of calls
 * at a time: 13,000 sign-ups a second where a transaction each gave 2,600. It is a platform thread,
 * since SQLite is native code: a virtual thread would keep its carrier while it waits for the disk.
 */
final class GroupCommit {
  /** Statements for many calls at once: returns one result for each argument, in their order. */
  interface Batch<A, R> {
    List<R> run(Sql sql, List<A> arguments) throws SQLException;
  }

  private static final EventLog LOG = EventLog.of(GroupCommit.class);

  /** How often a database in trouble is tried when nothing else does. */
  private static final Duration PROBE = Duration.ofSeconds(1);

  /** Between two tries of what must not be lost, so that a full disk costs no processor. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final WriterConnection connection; // only the writer thread runs statements on it
  private final StoreListener listener;
  private final Lanes lanes = new Lanes();
  private final Thread writer;

  GroupCommit(WriterConnection connection, StoreListener listener) {
    this.connection = connection;
    this.listener = listener;
    this.writer = Thread.ofPlatform().daemon().name("database-writer").unstarted(this::run);
    writer.start();
  }

  /** False from the first trouble until a commit has worked again. */
  boolean healthy() {
    return connection.healthy();
  }

  /**
   * A sign-up: bounded in number and time. When this throws after {@code patience}, the sign-up may
   * be committed all the same, if the writer had taken it.
   *
   * @param committed called by the writer after the commit; must not block
   * @param failed called instead when it was rolled back, or nobody knows
   */
  <A, R> R signup(
      Batch<A, R> batch, A argument, Duration patience, Consumer<R> committed, Runnable failed)
      throws DatabaseException, InterruptedException {
    if (!healthy()) {
      throw new DatabaseException("the database is in trouble");
    }
    Call<A, R> call = new Call<>(batch, argument, argument, false, committed, failed);
    lanes.addSignup(call);
    return call.await(patience, patience);
  }

  /**
   * Work for e-mails that exist: it goes before every sign-up. Both times count from the call.
   *
   * @throws DatabaseException "not begun" when the writer did not take it within {@code
   *     untilTaken}: then it never runs. Otherwise when it failed; or when it was not done within
   *     {@code untilDone}, and then it may be committed all the same
   */
  <A, R> R outbox(Batch<A, R> batch, A argument, Duration untilTaken, Duration untilDone)
      throws DatabaseException, InterruptedException {
    Call<A, R> call = new Call<>(batch, argument);
    lanes.addOutbox(call);
    return call.await(untilTaken, untilDone);
  }

  /**
   * Work that nobody waits for: it stays queued until it is committed, whatever the database does.
   *
   * @param plain stored instead when the database refuses {@code argument} again and again
   * @param committed called by the writer thread after the commit; must not block
   */
  <A, R> void keep(Batch<A, R> batch, A argument, A plain, Consumer<R> committed) {
    try {
      lanes.addOutbox(new Call<>(batch, argument, plain, true, committed, () -> {}));
    } catch (DatabaseException e) {
      // The stop has gone on without this send. Its row waits for its lease, or the next start.
      LOG.error(e, "result came after the database was closed");
    }
  }

  /** Refuses sign-ups from now on; returns when those that were queued are committed or failed. */
  void closeSignups(Duration patience) throws DatabaseException, InterruptedException {
    Call<Integer, Integer> last = new Call<>((sql, arguments) -> arguments, 0);
    lanes.closeSignups(last);
    last.await(patience, patience);
  }

  /** Fails what is queued; returns false if the database still holds the writer after that time. */
  boolean close(Duration patience) throws InterruptedException {
    lanes.close();
    return writer.join(patience);
  }

  /** A listener that throws can't spoil a commit. */
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
          connection.probe();
        }
        try {
          // Calls that the database has refused run alone: they would spoil the others' group.
          List<Call<?, ?>> refused = group.stream().filter(Call::wasRefused).toList();
          commit(group.stream().filter(call -> !refused.contains(call)).toList(), false);
          refused.forEach(call -> commit(List.of(call), true));
        } catch (RuntimeException e) { // a fault of ours must not end the only thread that writes
          LOG.error(e, "database writer failed");
          settle(group, e);
        }
      }
    } catch (InterruptedException e) {
      LOG.error(e, "database writer ended"); // nobody interrupts it
    } finally {
      lanes.close(); // or callers would wait for a writer that is gone
      tell(new StoreEvent.Closing());
      connection.close();
    }
  }

  /**
   * @param last a call that fails now is refused, and not tried alone once more
   */
  private void commit(List<Call<?, ?>> group, boolean last) {
    if (group.isEmpty()) {
      return;
    }
    long began = System.nanoTime();
    try {
      connection.commit(sql -> runAll(sql, group));
    } catch (WriterConnection.NotCommitted e) {
      if (!e.poisoned) {
        settle(group, e.why);
      } else if (last) {
        refused(group.getFirst(), e.why);
      } else {
        // The group is rolled back, and one of its calls was the trouble: each runs once more,
        // alone. So does a call that was alone already, since the server may have closed its
        // connection, and it works on the new one.
        for (Call<?, ?> call : group) {
          List<Call<?, ?>> alone = List.of(call);
          if (healthy()) {
            commit(alone, true);
          } else {
            settle(alone, e.why);
          }
        }
      }
      return;
    }
    tell(new StoreEvent.Committed(group.size(), Duration.ofNanos(System.nanoTime() - began)));
    group.forEach(Call::committed);
  }

  private void runAll(Sql sql, List<Call<?, ?>> group) throws SQLException {
    Map<Batch<?, ?>, List<Call<?, ?>>> byBatch = new LinkedHashMap<>();
    for (Call<?, ?> call : group) {
      byBatch.computeIfAbsent(call.batch, b -> new ArrayList<>()).add(call);
    }
    for (List<Call<?, ?>> calls : byBatch.values()) {
      Call.runAll(sql, calls);
    }
    tell(new StoreEvent.Committing(group.size()));
  }

  /** The database works, and refuses this call. */
  private void refused(Call<?, ?> call, Throwable why) {
    if (!call.kept()) {
      LOG.error(why, "database refused a call");
      call.fail(new DatabaseException("not stored", why));
    } else {
      lanes.putAside(call, call.refused(why));
    }
  }

  /** Fails the calls somebody waits for; those that must be kept are tried again. */
  private void settle(List<Call<?, ?>> group, Throwable cause) {
    for (Call<?, ?> call : group) {
      if (!call.kept() || !lanes.putAside(call, PAUSE)) {
        call.fail(new DatabaseException("not stored", cause));
      }
    }
  }
}
