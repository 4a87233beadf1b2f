package lastcall.admin;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;
import lastcall.store.Sql;

/**
 * Deletes e-mails that ended long ago, by the database's clock. One thread looks for them, and
 * deletes them in short transactions with pauses between, so that claims, results and sign-ups go
 * before. Several instances may do it at once: a row that another one has deleted is skipped.
 *
 * <p>Hidden sign-ups stay as users do: a repeat of one that was deleted would tell it from a user.
 */
public final class Retention {
  private static final EventLog LOG = EventLog.of(Retention.class);

  /** After a start there is more important work. */
  private static final Duration FIRST = Duration.ofMinutes(1);

  /**
   * Of what an index finds without a look at more. For 20,000 PostgreSQL reads and sorts all of
   * 90,000 refused e-mails (7 s on a busy machine, where a statement has 4 s).
   */
  private static final int FEW = 1_000;

  private static final String DELETE_ATTEMPTS = "DELETE FROM attempts WHERE mail_id = ?";

  private final AppConfig.Store database;
  private final AppConfig.Retention config;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final LongAdder deleted = new LongAdder();
  private volatile long succeeded;
  private boolean trouble; // of the thread alone

  public Retention(AppConfig.Store database, AppConfig.Retention config) {
    this.database = database;
    this.config = config;
  }

  /** Whether it ever deletes anything. */
  public boolean wanted() {
    return !config.sent().isZero() || !config.refused().isZero();
  }

  /** Rows deleted by this process, those of attempts not counted. */
  public long deleted() {
    return deleted.sum();
  }

  /** When a run last came to its end: milliseconds since 1970, 0 before the first. */
  public long succeeded() {
    return succeeded;
  }

  public void start() {
    if (wanted()) {
      // A platform thread: SQLite is native code, and a virtual thread would keep its carrier.
      Thread.ofPlatform().daemon().name("retention").start(this::run);
    }
  }

  /**
   * The thread ends behind its current batch and closes its connection: on SQLite the last one that
   * closes moves the WAL into the database's file. Waits for nothing.
   */
  public void stop() {
    stopping.countDown();
  }

  private void run() {
    Duration wait = config.every().compareTo(FIRST) < 0 ? config.every() : FIRST;
    try {
      while (!stopping.await(aboutMillis(wait), TimeUnit.MILLISECONDS)) {
        runOnce();
        wait = config.every();
      }
    } catch (InterruptedException e) {
      LOG.error(e, "old e-mails are no longer deleted"); // nobody interrupts it
    }
  }

  /** Give or take a tenth, so that instances started together don't run together for ever. */
  private static long aboutMillis(Duration wait) {
    return (long) (wait.toMillis() * ThreadLocalRandom.current().nextDouble(0.9, 1.1));
  }

  /** Returns when all that is old enough is deleted, or at the stop, or after trouble. */
  void runOnce() throws InterruptedException {
    long began = System.nanoTime();
    long sent = 0;
    long others = 0;
    // Of this run alone: between two runs no connection is open that a stop would have to close.
    try (AdminConnection connection = new AdminConnection(database, OutboxAdmin.COMMAND)) {
      try {
        for (State state : State.values()) {
          switch (state) {
            case DUE, LATER, CLAIMED -> {} // never
            case SENT -> sent = delete(connection, state, config.sent());
            case REFUSED, EXHAUSTED, UNCONFIRMED, CANCELLED ->
                others += delete(connection, state, config.refused());
          }
        }
        trouble = false;
        succeeded = stopped() ? succeeded : System.currentTimeMillis();
      } catch (AdminException | RuntimeException | Error e) {
        // An Error too: without a file descriptor no class can be loaded, and the next run may.
        trouble(e);
      }
    }
    if (sent + others > 0) {
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      LOG.info("old e-mails were deleted sent=%s not_sent=%s took=%s", sent, others, took);
    }
  }

  private void trouble(Throwable e) {
    if (!trouble && !stopped()) {
      trouble = true;
      LOG.warn("old e-mails can't be deleted, each run tries again why=%s", e.getMessage());
    }
  }

  private boolean stopped() {
    return stopping.getCount() == 0;
  }

  /** Of one state, those that ended last come first; how many. */
  private long delete(AdminConnection connection, State state, Duration age)
      throws AdminException, InterruptedException {
    if (age.isZero()) {
      return 0;
    }
    long count = 0;
    long cutoff = connection.read(Sql::now) - age.toMillis();
    // What ended before the cutoff was created before it, so the index by either begins there.
    Mail.Cursor next = new Mail.Cursor(cutoff, "");
    String ended = state == State.SENT ? "ended_at <= %1$s - " + age.toMillis() : "";
    int looks = state == State.SENT ? Queries.LOOKS : FEW;
    while (next != null && !stopped()) {
      Mail.Cursor at = next;
      Queries.Ids found =
          connection.read(sql -> Queries.ids(prepared(sql), Filter.of(state), ended, at, looks));
      count +=
          inBatches(
              found.ids(),
              ids -> {
                connection.read(Retention::prepared); // it may have been made anew since
                return connection.write(sql -> delete(sql, ids, state, cutoff));
              });
      next = found.next();
    }
    return count;
  }

  /**
   * Since the look somebody may have made an e-mail due again, which then stays, and so does a row
   * that somebody else has locked.
   */
  static int delete(Sql sql, List<String> ids, State state, long cutoff) throws SQLException {
    String row = "SELECT id FROM outbox WHERE id = ? AND state = ? AND ended_at <= ? ";
    String text = "DELETE FROM outbox WHERE id IN (" + row + sql.dialect().skipLocked() + ")";
    List<Boolean> gone =
        sql.updateEach(text, ids.stream().map(id -> Sql.row(id, state.word(), cutoff)).toList());
    List<Object[]> attempts = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      if (gone.get(i)) {
        attempts.add(Sql.row(ids.get(i)));
      }
    }
    sql.updateEach(DELETE_ATTEMPTS, attempts);
    return attempts.size();
  }

  /**
   * On SQLite. No fsync for each batch: what a power cut brings back is deleted again. And pages
   * that become free are overwritten, since nobody could delete a person's name from them later.
   */
  private static Sql prepared(Sql sql) throws SQLException {
    if (!sql.dialect().shared()) {
      Sql.execute(sql.connection(), "PRAGMA synchronous = NORMAL");
      Sql.execute(sql.connection(), "PRAGMA secure_delete = ON");
    }
    return sql;
  }

  private interface Batch {
    int delete(List<String> ids) throws AdminException, InterruptedException;
  }

  /** Each pause is as long as its batch took, or longer: others have half of the time at least. */
  private long inBatches(List<String> ids, Batch batch)
      throws AdminException, InterruptedException {
    long count = 0;
    for (int from = 0; from < ids.size() && !stopped(); from += OutboxAdmin.BATCH) {
      long began = System.nanoTime();
      int gone = batch.delete(ids.subList(from, Math.min(ids.size(), from + OutboxAdmin.BATCH)));
      deleted.add(gone);
      count += gone;
      long took = System.nanoTime() - began;
      stopping.await(Math.max(took, OutboxAdmin.GAP.toNanos()), TimeUnit.NANOSECONDS);
    }
    return count;
  }
}
