package lastcall.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lastcall.config.DeliveryRate;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The e-mails' rows, seen by one owner. A row that is due and has an owner is claimed, and its
 * {@code due_at} is the end of the lease: one claim finds new rows, retries and abandoned ones.
 *
 * <p>Statements by id say IS NOT DISTINCT FROM, which no index serves. With {@code owner = ?}
 * PostgreSQL may take the index of owners for the better one, and go through all rows of this owner
 * for each id (30,000 results: not done in 40 s, instead of in 6).
 */
public final class OutboxStore {
  /** For statements that somebody waits for: longer than the database's own busy timeout. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * For a claim that the writer has begun: whoever gives up on it leaves claimed e-mails that
   * nobody works on. PostgreSQL's own timeouts end it in a third of this; on SQLite only a disk
   * that hangs takes longer.
   */
  private static final Duration CLAIM_PATIENCE = Duration.ofMinutes(1);

  /** In a claim or a count: rows whatever their age. */
  public static final long ANY_AGE = Long.MAX_VALUE;

  /**
   * Rows created by then. A row from the future was created before the clock was set back, so
   * before the drain.
   */
  private static final String CREATED = " AND (created_at <= ? OR created_at > %1$s)";

  /** Until when rows may be claimed: until now, or while the outbox is paused none. */
  private static final String DUE_BY =
      "COALESCE((SELECT -1 FROM pause WHERE id = 1 AND paused_until > %1$s), %1$s)";

  /** Rows that could be claimed. */
  private static final String DUE = "state = 'due' AND due_at <= " + DUE_BY;

  static final String OURS = " AND owner IS NOT DISTINCT FROM ?";

  private interface Work<R> {
    R run(Sql sql) throws SQLException;
  }

  private final GroupCommit writer;
  private final Dialect dialect;
  private final String owner;
  private final ClockWatch clock = new ClockWatch();
  private final Recording recording; // one object: the writer groups calls by the batch they name
  private volatile RateRow rate = new RateRow(DeliveryRate.NONE);
  private volatile @Nullable Deadline endsAt; // once the stop has begun

  OutboxStore(GroupCommit writer, Dialect dialect, String owner) {
    this.writer = writer;
    this.dialect = dialect;
    this.owner = owner;
    this.recording = new Recording(writer, owner);
  }

  /** Whose claims these are: a name of this process. */
  public String owner() {
    return owner;
  }

  /**
   * @param longestWait no e-mail is put off for longer: what waits longer does so because a clock
   *     was set back
   * @param rate all owners together claim no more
   */
  public void limits(Duration longestWait, DeliveryRate rate) {
    clock.longestWait(longestWait);
    this.rate = new RateRow(rate);
  }

  /** No claim, count or release waits longer than until then: a phase of the stop has to end. */
  public void endAt(Deadline end) {
    endsAt = end;
  }

  /**
   * Takes up to {@code max} due e-mails, oldest first, and counts the attempt: an e-mail that kills
   * the process is exhausted in the end. It takes no row that is this owner's already: its task
   * decides on it, or {@link #giveBack}. It waits for a slow commit: when this throws, the e-mails
   * may be claimed all the same, and {@link #giveBack} is next.
   *
   * @param createdUntil milliseconds since 1970, or {@link #ANY_AGE}
   */
  public Claim claim(int max, Duration lease, long createdUntil)
      throws DatabaseException, InterruptedException {
    Claim claim =
        call(sql -> claim(sql, max, lease, createdUntil), within(PATIENCE), within(CLAIM_PATIENCE));
    clock.committed();
    return claim;
  }

  /**
   * Without MATERIALIZED, PostgreSQL may run the SELECT again for each row, and lock other rows.
   * The limit stands in the text, since for a parameter PostgreSQL plans with a tenth of all rows.
   */
  private Claim claim(Sql sql, int max, Duration lease, long createdUntil) throws SQLException {
    List<DueMail> mails = new ArrayList<>();
    DeliveryRate.Turn turn = rate.take(sql);
    String text =
        "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE "
            + DUE
            + CREATED
            + " AND (owner IS NULL OR owner <> ?) ORDER BY due_at LIMIT "
            + turn.allowed(max)
            + " "
            + dialect.skipLocked()
            + """
            )
            UPDATE outbox SET owner = ?, attempts = attempts + 1, due_at = %1$s + ?
            WHERE id IN (SELECT id FROM due)
            RETURNING id, attempts, unknowns, kind,
              COALESCE(recipient, (SELECT email FROM users WHERE users.id = user_id), ''),
              COALESCE(data, (SELECT name FROM users WHERE users.id = user_id), ''), traceparent,
              %1$s - created_at\
            """;
    try (ResultSet row = sql.query(text, createdUntil, owner, owner, lease.toMillis())) {
      while (row.next()) {
        mails.add(
            new DueMail(
                row.getString(1),
                row.getInt(2),
                row.getInt(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                System.nanoTime() - row.getLong(8) * 1_000_000));
      }
    }
    RateRow.leave(sql, turn, mails.size());
    long asked = System.nanoTime();
    String next =
        "SELECT %1$s, COALESCE(MIN(due_at) - %1$s, 86400000),"
            + " COALESCE((SELECT paused_until FROM pause WHERE id = 1 AND paused_until > %1$s), 0)"
            + " FROM outbox WHERE state = 'due' AND (owner IS NULL OR owner <> ?)";
    try (ResultSet row = sql.query(next, owner)) {
      row.next();
      long now = row.getLong(1);
      long paused = row.getLong(3);
      long wait = Math.max(row.getLong(2), paused - now); // a day if there is none
      Duration untilNext = Duration.ofMillis(Math.max(0, wait));
      ClockStep step = clock.look(sql, now, asked, lease);
      return new Claim(mails, step, untilNext, paused, turn.wait(mails.size()));
    }
  }

  /**
   * The heartbeat: moves the end of these leases to now + {@code lease}.
   *
   * @return the ids that are still this owner's
   */
  public List<String> extend(List<String> ids, Duration lease)
      throws DatabaseException, InterruptedException {
    String update = "UPDATE outbox SET due_at = %1$s + ? WHERE id = ?" + OURS;
    // Not bounded by endAt, since sends outlast the drain.
    return call(
        sql -> sql.changed(update, ids, id -> Sql.row(lease.toMillis(), id, owner)),
        PATIENCE,
        PATIENCE);
  }

  /**
   * Writes a result down; never blocks, never fails, stays queued until it is committed.
   *
   * @param committed called by the writer with false when the row was no longer this owner's
   */
  public void record(String id, Result result, Consumer<Boolean> committed) {
    Recording.Try plain = new Recording.Try(id, result.withoutReason());
    writer.keep(recording, new Recording.Try(id, result), plain, committed);
  }

  /**
   * Makes refused e-mails due again, and takes the attempt back; never blocks. One that was sent by
   * then, or is claimed, stays as it is.
   */
  public void reopen(Collection<String> ids, Duration dueIn) {
    String update =
        "UPDATE outbox SET state = 'due', due_at = %1$s + ?, ended_at = NULL, attempts = attempts - 1"
            + " WHERE id = ? AND state = 'refused'";
    List<Object[]> rows = ids.stream().map(id -> Sql.row(dueIn.toMillis(), id)).toList();
    writer.keep((sql, once) -> List.of(sql.updateEach(update, rows)), "", "", done -> {});
  }

  /**
   * Gives back what was claimed and has no task: due now, its attempt taken back.
   *
   * @param live asked by the writer for the ids that have a task, or will: those of e-mails that
   *     were stored as claimed until then must be among them
   * @return how many rows were given back
   */
  public int giveBack(Supplier<Set<String>> live) throws DatabaseException, InterruptedException {
    return call(sql -> giveBack(sql, live.get()));
  }

  private int giveBack(Sql sql, Set<String> live) throws SQLException {
    List<String> strays = new ArrayList<>();
    try (ResultSet row = sql.query("SELECT id FROM outbox WHERE owner = ?", owner)) {
      while (row.next()) {
        if (!live.contains(row.getString(1))) {
          strays.add(row.getString(1));
        }
      }
    }
    String update =
        "UPDATE outbox SET owner = NULL, due_at = %1$s, attempts = attempts - 1 WHERE id = ?"
            + OURS;
    return sql.changed(update, strays, id -> Sql.row(id, owner)).size();
  }

  /**
   * Gives back every claimed row. Call it when no send can go on, or another instance sends beside
   * this one.
   *
   * @param running asked by the writer for the e-mails whose task is still out: they keep their
   *     attempt, since the server may have taken them, and wait 10 s
   * @return how many rows are due now
   */
  public int release(Supplier<Set<String>> running) throws DatabaseException, InterruptedException {
    return call(sql -> {
      int released = giveBack(sql, running.get());
      sql.update(
          "UPDATE outbox SET owner = NULL, due_at = %1$s + 60000, unknowns = unknowns + 1"
              + " WHERE owner = ?",
          owner);
      writer.tell(new StoreEvent.Released(released));
      return released;
    });
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
    String update =
        "UPDATE outbox SET owner = NULL, due_at = %1$s, attempts = attempts - ?"
            + " WHERE owner IS NOT NULL AND owner <> ?";
    return call(sql -> dialect.shared() ? 0 : sql.update(update, afterAStop ? 1 : 0, owner));
  }

  /** Counts what is not yet sent among the rows created by then, each kind up to the cap. */
  public Pending pending(long createdUntil, int cap)
      throws DatabaseException, InterruptedException {
    return call(sql ->
        new Pending(
            count(sql, DUE, createdUntil, cap),
            count(sql, "owner > '' AND due_at > %1$s", createdUntil, cap), // by its index: few rows
            count(
                sql, "state = 'due' AND owner IS NULL AND due_at > " + DUE_BY, createdUntil, cap)));
  }

  /** Whether a claim could find something; as cheap as that with a million rows. */
  public boolean anyDue(Duration lease, long createdUntil)
      throws DatabaseException, InterruptedException {
    boolean due =
        call(sql -> {
          long asked = System.nanoTime();
          clock.look(sql, sql.now(), asked, lease);
          return count(sql, DUE, createdUntil, 1) > 0;
        });
    clock.committed();
    return due;
  }

  private static long count(Sql sql, String which, long createdUntil, int cap) throws SQLException {
    String rows = "SELECT 1 FROM outbox WHERE " + which + CREATED + " LIMIT " + cap;
    return sql.number("SELECT COUNT(*) FROM (" + rows + ") AS found", createdUntil);
  }

  /**
   * For claims and counts: rows created by now, by the database's clock. {@link #ANY_AGE} where
   * only this process creates any, since there a clock that is set back can't hide one.
   */
  public long createdByNow() throws DatabaseException, InterruptedException {
    return dialect.shared() ? now() : ANY_AGE;
  }

  long now() throws DatabaseException, InterruptedException {
    return call(Sql::now);
  }

  private Duration within(Duration longest) {
    Deadline end = endsAt;
    return end == null ? longest : end.orIn(longest).remaining();
  }

  private <R> R call(Work<R> work) throws DatabaseException, InterruptedException {
    return call(work, within(PATIENCE), within(PATIENCE));
  }

  private <R> R call(Work<R> work, Duration untilTaken, Duration untilDone)
      throws DatabaseException, InterruptedException {
    return writer.outbox((sql, once) -> List.of(work.run(sql)), true, untilTaken, untilDone);
  }
}
