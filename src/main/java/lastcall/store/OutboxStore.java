package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The welcome e-mails' rows, seen by one owner. A row that is due and has an owner is claimed, and
 * its {@code due_at} is the end of the lease: one claim finds new rows, retries and abandoned ones.
 */
public final class OutboxStore {
  /** For statements somebody waits for: longer than the database's own busy timeout. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** In a claim or a count: rows whatever their age. */
  public static final long ANY_AGE = Long.MAX_VALUE;

  private final GroupCommit writer;
  private final Dialect dialect;
  private final OutboxSql sql;
  private final GroupCommit.Batch<OutboxSql.Result, Boolean> record;
  private volatile Supplier<Duration> patience = () -> PATIENCE;

  OutboxStore(GroupCommit writer, Dialect dialect, String owner) {
    this.writer = writer;
    this.dialect = dialect;
    this.sql = new OutboxSql(dialect, owner);
    this.record = // one object, since the writer groups calls by the batch they name
        (connection, results) -> {
          List<Boolean> owned = sql.record(connection, results);
          writer.tell(new StoreEvent.ResultsWritten(results.size()));
          return owned;
        };
  }

  /** Whose claims these are: a name of this process. */
  public String owner() {
    return sql.owner();
  }

  /**
   * Takes up to {@code max} due e-mails, oldest first, and counts the attempt: an e-mail that kills
   * the process is exhausted in the end.
   *
   * @param createdUntil milliseconds since 1970, or {@link #ANY_AGE}
   */
  public Claim claim(int max, Duration lease, long createdUntil)
      throws DatabaseException, InterruptedException {
    return first(connection -> sql.claim(connection, max, lease, createdUntil));
  }

  /**
   * The heartbeat: moves the end of these leases to now + {@code lease}.
   *
   * @return the ids that are still this owner's
   */
  public Set<String> extend(Collection<String> ids, Duration lease)
      throws DatabaseException, InterruptedException {
    // As long as sends go on: beyond the phase of the stop in which they do.
    return first(connection -> sql.extend(connection, ids, lease), PATIENCE);
  }

  /**
   * Writes a result down; never blocks, never fails, stays queued until it is committed.
   *
   * @param committed called by the writer with false when the row was no longer this owner's
   */
  public void record(String id, Verdict verdict, Consumer<Boolean> committed) {
    writer.keep(
        record,
        new OutboxSql.Result(id, verdict),
        new OutboxSql.Result(id, withoutText(verdict)),
        committed);
  }

  private static Verdict withoutText(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Sent sent -> sent;
      case Verdict.Refused ignored -> new Verdict.Refused("");
      case Verdict.Exhausted ignored -> new Verdict.Exhausted("");
      case Verdict.Again(Duration delay, boolean counted, String ignored) ->
          new Verdict.Again(delay, counted, "");
    };
  }

  /**
   * Gives back every claimed row: due now, its attempt taken back. Call it when no send can go on,
   * or another instance sends beside this one.
   *
   * @param unknown keep their attempt, since the server may have taken them, and wait 10 s
   * @return how many rows were given back
   */
  public int release(Set<String> unknown) throws DatabaseException, InterruptedException {
    return first(connection -> {
      int mails = sql.release(connection, unknown);
      writer.tell(new StoreEvent.Released(mails));
      return mails;
    });
  }

  /** Counts what is not yet sent among the rows created by then. */
  public Pending pending(long createdUntil) throws DatabaseException, InterruptedException {
    return first(connection -> sql.pending(connection, createdUntil));
  }

  /**
   * At the start: what other owners had claimed is due at once, where no other owner can live.
   *
   * @return how many rows
   */
  public int recover() throws DatabaseException, InterruptedException {
    return first(sql::recover);
  }

  /** The database's clock, milliseconds since 1970. */
  public long now() throws DatabaseException, InterruptedException {
    return first(dialect::now);
  }

  /** No claim, count or release waits longer, all in all: a phase of the stop has to end. */
  public void endWithin(Duration left) {
    long until = System.nanoTime() + left.toNanos();
    patience =
        () -> {
          long rest = Math.max(0, until - System.nanoTime());
          return Duration.ofNanos(Math.min(rest, PATIENCE.toNanos()));
        };
  }

  private interface Work<R> {
    R run(Connection connection) throws SQLException;
  }

  private <R> R first(Work<R> work) throws DatabaseException, InterruptedException {
    return first(work, patience.get());
  }

  private <R> R first(Work<R> work, Duration longest)
      throws DatabaseException, InterruptedException {
    return writer.first(
        (connection, once) -> List.of(work.run(connection)), true, longest, longest);
  }
}
