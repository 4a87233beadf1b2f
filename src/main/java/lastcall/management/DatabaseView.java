package lastcall.management;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import lastcall.admin.AdminException;
import lastcall.admin.InstanceRows;
import lastcall.admin.OutboxAdmin;
import lastcall.admin.Readings;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * What was last read from the database: counts, other instances, how the last stop ended. A thread
 * of its own reads, and writes this process's row, so that no page, no scrape and no phase of the
 * stop waits for the database.
 */
public final class DatabaseView {
  private static final EventLog LOG = EventLog.of(DatabaseView.class);

  /** Instances of one database see each other so often. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);

  /** While somebody looks, and while this process stops. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Somebody looks: a page, a scrape or a stream has asked within that time. */
  private static final Duration LOOKING = Duration.ofSeconds(20);

  private static final Duration MOMENT = Duration.ofMillis(150);

  private static final int INSTANCES = 20;

  private final InstanceRows rows;
  private final OutboxAdmin outbox;
  private final boolean shared;
  private final Supplier<InstanceRows.Row> self;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private long changes; // guarded by lock
  private boolean look; // guarded by lock: somebody looks for the first time in a while
  private long looks; // guarded by lock: how often the thread has looked
  private Deadline scrape = Deadline.in(Duration.ZERO); // guarded by lock: when the next may ask
  private boolean last; // guarded by lock: the stop waits for its last change
  private long saved; // guarded by lock: the changes that the row shows
  private volatile boolean started;
  private volatile long asked = System.nanoTime() - LOOKING.toNanos();
  private volatile @Nullable Readings readings;
  private volatile InstanceRows.Seen seen = new InstanceRows.Seen(0, List.of());
  private boolean trouble; // of the thread alone

  /**
   * @param shared whether other processes use this database at the same time
   * @param self this process's row as it should be now
   */
  DatabaseView(
      InstanceRows rows, OutboxAdmin outbox, boolean shared, Supplier<InstanceRows.Row> self) {
    this.rows = rows;
    this.outbox = outbox;
    this.shared = shared;
    this.self = self;
  }

  void start() {
    started = true;
    // A platform thread: SQLite is native code, and a virtual thread would keep its carrier.
    Thread.ofPlatform().daemon().name("management-database").start(this::run);
  }

  private void run() {
    Deadline heartbeat = Deadline.in(Duration.ZERO);
    long written = -1;
    boolean once = false;
    try {
      while (true) { // until the process dies
        long wanted = changes(written);
        boolean looked = once || System.nanoTime() - asked < LOOKING.toNanos();
        try {
          if (wanted != written || (shared && heartbeat.passed())) {
            InstanceRows.Row row = self.get();
            rows.save(row);
            heartbeat = Deadline.in(HEARTBEAT);
            written = wanted;
            if (row.state().equals("stopped")) { // of what was saved: the last change there is
              close();
              saved(Long.MAX_VALUE);
              return;
            }
            saved(wanted);
          }
          if (looked || seen.rows().isEmpty()) {
            seen = rows.seen(INSTANCES);
            readings = outbox.readings();
          }
          trouble = false;
        } catch (AdminException | RuntimeException | Error e) {
          // An Error too, or it would end the process: without a file descriptor no class can be
          // loaded, and a service that still sends must not die of what its operators see.
          trouble(e);
        }
        if (looked) {
          looked();
        }
        once = awaitChange(wanted, written == wanted && !looked ? HEARTBEAT : LOOK);
      }
    } catch (InterruptedException e) {
      LOG.error(e, "management no longer reads the database"); // nobody interrupts it
    }
  }

  /** SQLite moves what is in its WAL into the database's file when the last connection closes. */
  private void close() {
    rows.close();
    outbox.close();
  }

  private void trouble(Throwable e) {
    if (!trouble) {
      trouble = true;
      LOG.warn("management can't read the database why=%s", e.getMessage());
    }
  }

  /**
   * What the row should show. A change that nobody waits for comes with those of the next moment:
   * on SQLite each write of ours makes the writer's wait, and the phases of an idle stop are over
   * in 50 ms.
   */
  private long changes(long written) throws InterruptedException {
    lock.lock();
    try {
      long left = MOMENT.toNanos();
      while (changes != written && !last && left > 0) {
        left = change.awaitNanos(left);
      }
      return changes;
    } finally {
      lock.unlock();
    }
  }

  private void saved(long wanted) {
    lock.lock();
    try {
      saved = wanted;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void looked() {
    lock.lock();
    try {
      looks++;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns true if somebody wants the database read once more. */
  private boolean awaitChange(long known, Duration longest) throws InterruptedException {
    lock.lock();
    try {
      long left = longest.toNanos();
      while (changes == known && !look && left > 0) {
        left = change.awaitNanos(left);
      }
      boolean wanted = look;
      look = false;
      return wanted;
    } finally {
      lock.unlock();
    }
  }

  /** The row of this process should say something else now. Never waits for the database. */
  void changed() {
    lock.lock();
    try {
      changes++;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The same, and waits until the row says so, at most that long. */
  void changed(Duration patience) throws InterruptedException {
    lock.lock();
    try {
      long wanted = ++changes;
      last = true;
      change.signalAll();
      long left = patience.toNanos();
      while (started && saved < wanted && left > 0) {
        left = change.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The counts, at most some seconds old while somebody looks; null before the first. */
  @Nullable Readings readings() {
    long before = asked;
    asked = System.nanoTime();
    if (asked - before > LOOKING.toNanos()) {
      lock.lock();
      try {
        look = true;
        change.signalAll();
      } finally {
        lock.unlock();
      }
    }
    return readings;
  }

  /**
   * For scrapes, which come by the minute and not by the second: has the database read once, at
   * most every 5 s, and waits for that at most so long.
   */
  @Nullable Readings scraped(Duration patience) {
    lock.lock();
    try {
      long wanted = looks + 1;
      long left = scrape.passed() ? patience.toNanos() : 0;
      look |= left > 0;
      scrape = left > 0 ? Deadline.in(HEARTBEAT) : scrape;
      change.signalAll();
      while (looks < wanted && left > 0) {
        left = change.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return readings;
  }

  /** The other instances that were seen lately; none where this process has the database alone. */
  List<Map<String, Object>> others() {
    return shared ? InstanceTrees.others(seen, self.get().id()) : List.of();
  }

  /** How the process ended that ended last; null if there was none before this one. */
  @Nullable Map<String, Object> lastStop() {
    return InstanceTrees.lastStop(seen, self.get().id(), shared);
  }
}
