package lastcall.store;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The welcome e-mails' rows, seen by one owner. A row that is due and has an owner is claimed, and
 * its {@code due_at} is the end of the lease: one claim finds new rows, retries and abandoned ones.
 */
public final class OutboxStore {
  /** For statements somebody waits for: longer than the database's own busy timeout. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * For a claim that the writer has begun: who gives up claimed e-mails that nobody works on.
   * PostgreSQL's own timeouts end it in a third of this; on SQLite only a disk that hangs does not.
   */
  private static final Duration CLAIM_PATIENCE = Duration.ofMinutes(1);

  /** In a claim or a count: rows whatever their age. */
  public static final long ANY_AGE = Long.MAX_VALUE;

  private final GroupCommit writer;
  private final Dialect dialect;
  private final OutboxSql sql;
  private final GroupCommit.Batch<OutboxSql.Result, Boolean> record;
  private final ClockWatch clock;
  private volatile @Nullable Deadline endsAt; // once the stop has begun

  OutboxStore(GroupCommit writer, Dialect dialect, String owner) {
    this.writer = writer;
    this.dialect = dialect;
    this.clock = new ClockWatch();
    this.sql = new OutboxSql(dialect, owner, clock);
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

  /** No e-mail is put off for longer: what waits longer does so because a clock was set back. */
  public void longestWait(Duration wait) {
    clock.longestWait(wait);
  }

  /**
   * Takes up to {@code max} due e-mails, oldest first, and counts the attempt: an e-mail that kills
   * the process is exhausted in the end. Waits for a slow commit: when this throws, the e-mails may
   * be claimed all the same, and {@link #giveBack} is next.
   *
   * @param createdUntil milliseconds since 1970, or {@link #ANY_AGE}
   */
  public Claim claim(int max, Duration lease, long createdUntil)
      throws DatabaseException, InterruptedException {
    Claim claim =
        first(
            on -> sql.claim(on, max, lease, createdUntil),
            within(PATIENCE),
            within(CLAIM_PATIENCE));
    clock.committed();
    return claim;
  }

  /**
   * Gives back what was claimed and has no task: due now, its attempt taken back.
   *
   * @param live the ids that have a task; none may begin before this returns
   * @return how many rows were given back
   */
  public int giveBack(Set<String> live) throws DatabaseException, InterruptedException {
    return first(on -> sql.giveBack(on, live));
  }

  /**
   * The heartbeat: moves the end of these leases to now + {@code lease}.
   *
   * @return the ids that are still this owner's
   */
  public Set<String> extend(Collection<String> ids, Duration lease)
      throws DatabaseException, InterruptedException {
    // As long as sends go on: beyond the phase of the stop in which they do.
    return first(on -> sql.extend(on.connection(), ids, lease), PATIENCE, PATIENCE);
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
   * Gives back every claimed row, and counts what is left. Call it when no send can go on, or
   * another instance sends beside this one.
   *
   * @param running e-mails whose task is still out: they keep their attempt, since the server may
   *     have taken them, and wait 10 s
   */
  public Kept release(Set<String> running, long createdUntil, int cap)
      throws DatabaseException, InterruptedException {
    return first(on -> {
      Kept kept = sql.release(on, running, createdUntil, cap);
      writer.tell(new StoreEvent.Released(kept.givenBack()));
      return kept;
    });
  }

  /** Counts what is not yet sent among the rows created by then, each kind up to the cap. */
  public Pending pending(long createdUntil, int cap)
      throws DatabaseException, InterruptedException {
    return first(on -> sql.pending(on, createdUntil, cap));
  }

  /** Whether a claim could find something; as cheap as that with a million rows. */
  public boolean anyDue(Duration lease, long createdUntil)
      throws DatabaseException, InterruptedException {
    boolean due = first(on -> sql.anyDue(on, lease, createdUntil));
    clock.committed();
    return due;
  }

  /**
   * At the start: what other owners had claimed is due at once, where no other owner can live.
   *
   * @param afterAStop the last owner was stopped, and could not give its claims back since the
   *     database was too slow: their attempts are taken back here. After a crash they count, so
   *     that an e-mail that kills the process is exhausted in the end
   * @return how many rows
   */
  public int recover(boolean afterAStop) throws DatabaseException, InterruptedException {
    return first(on -> sql.recover(on, afterAStop));
  }

  /** The database's clock, milliseconds since 1970. */
  public long now() throws DatabaseException, InterruptedException {
    return first(on -> dialect.now(on.connection()));
  }

  /**
   * For claims and counts: rows created by now. {@link #ANY_AGE} where only this process creates
   * any, since there a clock that is set back can't hide one.
   */
  public long createdByNow() throws DatabaseException, InterruptedException {
    return dialect.shared() ? now() : ANY_AGE;
  }

  /** No claim, count or release waits longer than until then: a phase of the stop has to end. */
  public void endAt(Deadline end) {
    endsAt = end;
  }

  private Duration within(Duration longest) {
    Deadline end = endsAt;
    return end == null ? longest : end.orIn(longest).remaining();
  }

  private interface Work<R> {
    R run(Sql on) throws SQLException;
  }

  private <R> R first(Work<R> work) throws DatabaseException, InterruptedException {
    return first(work, within(PATIENCE), within(PATIENCE));
  }

  private <R> R first(Work<R> work, Duration untilTaken, Duration untilDone)
      throws DatabaseException, InterruptedException {
    return writer.first(
        (connection, once) -> List.of(work.run(new Sql(connection, dialect))),
        true,
        untilTaken,
        untilDone);
  }
}
