package lastcall.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongPredicate;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;
import lastcall.store.Sql;
import org.jspecify.annotations.Nullable;

/** Looks into the outbox and changes it, in the service or beside it. Any thread may call it. */
public final class OutboxAdmin implements AutoCloseable {
  private static final EventLog LOG = EventLog.of(OutboxAdmin.class);

  /** E-mails in one transaction: some 5 ms, for which on SQLite the service's writer waits. */
  static final int BATCH = 200;

  /**
   * Between two transactions. On SQLite the writer sleeps up to 100 ms before it looks at the lock
   * again, and would find it taken each time.
   */
  static final Duration GAP = Duration.ofMillis(20);

  private static final Duration LONGEST_GAP = Duration.ofMillis(250);

  /** A search ends by then, and says where it can go on. */
  private static final Duration SEARCH = Duration.ofSeconds(2);

  /** Those who look at the same time, pages and metrics, share what is so young. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** How long a step of a command waits for the database. */
  public static final Duration COMMAND = Duration.ofSeconds(30);

  private record Latest(Readings readings, Deadline until) {}

  private final AdminConnection connection;
  private volatile @Nullable Latest latest;

  /**
   * @param patience how long each step waits while the database is locked; what was not begun by
   *     then is not done
   */
  public OutboxAdmin(AppConfig.Store config, Duration patience) {
    this.connection = new AdminConnection(config, patience);
  }

  /** For requests: their clients wait for an answer. */
  public OutboxAdmin(AppConfig.Store config) {
    this(config, AdminConnection.REQUEST);
  }

  /** The counts, at most a second old. */
  public Readings readings() throws AdminException, InterruptedException {
    Latest before = latest;
    if (before != null && !before.until().passed()) {
      return before.readings();
    }
    Readings now = connection.read(Queries::readings);
    latest = new Latest(now, Deadline.in(FRESH));
    return now;
  }

  /** Null if the outbox is not paused. */
  public @Nullable Pause pause() throws AdminException, InterruptedException {
    return readings().pause();
  }

  /**
   * E-mails, newest first: of those that are due, or claimed, the one with the latest time; of
   * those that are kept the one that ended last; else the one whose user signed up last.
   *
   * @param from where an earlier search ended, or null
   * @param limit at most so many
   */
  public Mail.Page find(Filter filter, Mail.@Nullable Cursor from, int limit)
      throws AdminException, InterruptedException {
    List<Mail> mails = new ArrayList<>();
    Mail.Cursor next = from;
    Deadline end = Deadline.in(SEARCH);
    do {
      Mail.@Nullable Cursor at = next;
      int more = limit - mails.size();
      Mail.Page page = connection.read(sql -> Queries.find(sql, filter, at, more));
      mails.addAll(page.mails());
      next = page.next();
    } while (next != null && mails.size() < limit && !end.passed());
    return new Mail.Page(mails, next);
  }

  /** An e-mail with its attempts; null if there is none with this id. */
  public Mail.@Nullable Details show(String id) throws AdminException, InterruptedException {
    Filter one = new Filter(id, null, null, null, null);
    List<Mail> found = connection.read(sql -> Queries.find(sql, one, null, 1).mails());
    return found.isEmpty()
        ? null
        : new Mail.Details(found.getFirst(), connection.read(sql -> Queries.attempts(sql, id)));
  }

  /** How many e-mails the action would change, or has; {@code more} if there may be others. */
  public record Count(long mails, boolean more) {}

  /**
   * Counts the e-mails that the action would change now.
   *
   * @param cap counting ends there
   */
  public Count count(Action action, Filter filter, int cap)
      throws AdminException, InterruptedException {
    long found = 0;
    Mail.Cursor next = null;
    Deadline end = Deadline.in(SEARCH);
    do {
      Mail.@Nullable Cursor at = next;
      int more = (int) (cap - found);
      Queries.Ids ids = connection.read(sql -> Queries.ids(sql, filter, action.possible, at, more));
      found += ids.ids().size();
      next = ids.next();
    } while (next != null && found < cap && !end.passed());
    return new Count(found, next != null);
  }

  /** What became of an action on one e-mail. */
  public sealed interface Outcome {
    record Done() implements Outcome {}

    record NoSuchMail() implements Outcome {}

    /**
     * @param why for people
     */
    record NotPossible(String why) implements Outcome {}
  }

  /**
   * Does it to one e-mail.
   *
   * @param by who wants it, for the log
   */
  public Outcome change(Action action, String id, String by)
      throws AdminException, InterruptedException {
    if (change(action, List.of(id)) == 1) {
      LOG.info("outbox action action=%s by=%s id=%s mails=%s", action.word(), by, id, 1);
      return new Outcome.Done();
    }
    Mail.Details found = show(id);
    return found == null
        ? new Outcome.NoSuchMail()
        : new Outcome.NotPossible(action.whyNot(found.mail().state()));
  }

  /**
   * Does it to every e-mail that matches, in short transactions: one that fails leaves those before
   * it done.
   *
   * @param goOn called after each transaction with the number of e-mails that are done; false ends
   *     it there
   * @return how many are done, and whether there may be more
   */
  public Count changeAll(Action action, Filter filter, String by, LongPredicate goOn)
      throws AdminException, InterruptedException {
    long done = 0;
    Mail.Cursor next = null;
    try {
      while (true) {
        Mail.@Nullable Cursor at = next;
        Queries.Ids ids =
            connection.read(sql -> Queries.ids(sql, filter, action.possible, at, BATCH));
        long began = System.nanoTime();
        done += change(action, ids.ids());
        next = ids.next();
        if (!goOn.test(done) || next == null) {
          return new Count(done, next != null);
        }
        Thread.sleep(gap(Duration.ofNanos(System.nanoTime() - began)));
      }
    } finally {
      String state = filter.state() == null ? null : filter.state().word();
      LOG.info("outbox action action=%s by=%s state=%s mails=%s", action.word(), by, state, done);
    }
  }

  /** As long as the transaction took, so that the service has at least half of the time. */
  private static Duration gap(Duration took) {
    Duration gap = took.compareTo(GAP) < 0 ? GAP : took;
    return gap.compareTo(LONGEST_GAP) > 0 ? LONGEST_GAP : gap;
  }

  private int change(Action action, List<String> ids) throws AdminException, InterruptedException {
    if (ids.isEmpty()) {
      return 0;
    }
    latest = null;
    List<Object[]> rows = ids.stream().map(id -> Sql.row(id)).toList();
    return connection.write(sql -> {
      if (action == Action.RETRY) {
        sql.updateEach(Action.FORGET, rows);
      }
      return Collections.frequency(sql.updateEach(action.statement(sql.dialect()), rows), true);
    });
  }

  /**
   * From now on no instance claims anything; what is in flight goes on. It replaces an earlier
   * pause.
   *
   * @param length null for a pause that somebody has to resume
   */
  public Pause pause(@Nullable Duration length, String by)
      throws AdminException, InterruptedException {
    latest = null;
    Pause pause =
        connection.write(sql -> {
          long now = sql.now();
          long until =
              length == null ? Pause.NO_END : Math.min(Pause.NO_END, now + length.toMillis());
          sql.update("DELETE FROM pause");
          sql.update("INSERT INTO pause VALUES (1, ?, ?, ?)", now, until, by);
          return new Pause(now, until, by);
        });
    LOG.warn("outbox action action=%s by=%s until=%s", "pause", by, pause.end());
    return pause;
  }

  /** Returns false if the outbox was not paused. */
  public boolean resume(String by) throws AdminException, InterruptedException {
    latest = null;
    boolean paused =
        connection.write(sql -> {
          boolean running = Queries.pause(sql) != null;
          sql.update("DELETE FROM pause");
          return running;
        });
    LOG.warn("outbox action action=%s by=%s", "resume", by);
    return paused;
  }

  /** The database's clock: pages tell by it how old something is. */
  public Instant now() throws AdminException, InterruptedException {
    return Instant.ofEpochMilli(connection.read(Sql::now));
  }

  /** Any thread may call it, at any time; it returns within 2 s. */
  @Override
  public void close() {
    connection.close();
  }
}
