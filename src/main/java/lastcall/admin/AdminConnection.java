package lastcall.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;
import lastcall.store.Database;
import lastcall.store.Sql;
import org.jspecify.annotations.Nullable;

/**
 * A connection beside the writer's, so that what people look for holds up no sign-up. It is made
 * when it is first needed, and anew after trouble.
 *
 * <p>One platform thread uses it. SQLite's native code keeps the carrier of a virtual thread for as
 * long as the database is locked, and sends, heartbeats and health checks need that carrier.
 */
final class AdminConnection implements AutoCloseable {
  interface Work<T extends @Nullable Object> {
    T run(Sql sql) throws SQLException;
  }

  private static final EventLog LOG = EventLog.of(AdminConnection.class);

  /** How long a request waits for its work to begin. */
  static final Duration REQUEST = Duration.ofSeconds(4);

  /** How long a caller waits on for work that has begun: some 10 ms, if nothing is wrong. */
  private static final Duration END = Duration.ofSeconds(2);

  /** On SQLite a statement waits 1.5 s for a lock. What takes longer is not waited for. */
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private static final Duration IDLE = Duration.ofSeconds(10);

  /** Either the caller goes before the work begins, and it never runs; or it has begun. */
  private enum Turn {
    WAITING,
    BEGUN,
    GONE
  }

  private final AppConfig.Store config;
  private final Duration patience;
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          0,
          1,
          IDLE.toSeconds(),
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("admin-connection").factory());
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable Sql open; // only the thread uses it

  /**
   * @param patience how long a caller waits for its work to begin
   */
  AdminConnection(AppConfig.Store config, Duration patience) {
    this.config = config;
    this.patience = patience;
  }

  /** Runs statements that only read. */
  <T extends @Nullable Object> T read(Work<T> work) throws AdminException, InterruptedException {
    AtomicReference<Turn> turn = new AtomicReference<>(Turn.WAITING);
    return await(new FutureTask<>(() -> tried(sql -> begun(turn, work, sql), turn)), turn);
  }

  /** Runs statements in one transaction: short, since on SQLite the service waits for it. */
  <T extends @Nullable Object> T write(Work<T> work) throws AdminException, InterruptedException {
    AtomicReference<Turn> turn = new AtomicReference<>(Turn.WAITING);
    Work<T> transaction =
        sql -> {
          sql.connection().setAutoCommit(false); // begins, which waits for the lock
          T result = begun(turn, work, sql);
          sql.connection().setAutoCommit(true); // commits
          return result;
        };
    return await(new FutureTask<>(() -> tried(transaction, turn)), turn);
  }

  private static <T extends @Nullable Object> T begun(
      AtomicReference<Turn> turn, Work<T> work, Sql sql) throws SQLException {
    if (!turn.compareAndSet(Turn.WAITING, Turn.BEGUN)) {
      throw new SQLException("the caller waits no more");
    }
    return work.run(sql);
  }

  private <T extends @Nullable Object> T await(FutureTask<T> task, AtomicReference<Turn> turn)
      throws AdminException, InterruptedException {
    try {
      thread.execute(task);
      try {
        return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (turn.compareAndSet(Turn.WAITING, Turn.GONE)) {
          throw new AdminException("the database is locked or busy; nothing was done", null);
        }
        return task.get(END.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException e) {
      throw new AdminException("the database is slow; it may be done nevertheless", null);
    } catch (RejectedExecutionException e) {
      throw stopped();
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw new AdminException(
          Objects.toString(cause.getMessage()),
          cause instanceof AdminException ? cause.getCause() : cause);
    } finally {
      turn.set(Turn.GONE); // it is not tried again, and not begun after an interrupt
      thread.remove(task);
    }
  }

  private static AdminException stopped() {
    return new AdminException("the service stops", null);
  }

  /** Tries again what found the database locked, as long as the caller waits. */
  private <T extends @Nullable Object> T tried(Work<T> work, AtomicReference<Turn> turn)
      throws SQLException, AdminException {
    for (boolean first = true; ; first = false) {
      if (closed.get()) {
        throw stopped();
      }
      try {
        return work.run(connected());
      } catch (SQLException e) {
        drop(); // which rolls back
        turn.compareAndSet(Turn.BEGUN, Turn.WAITING);
        if (turn.get() == Turn.GONE || !(locked(e) || (first && lost(e)))) {
          throw e;
        }
      } catch (RuntimeException | AdminException | Error e) { // or it would keep the write lock
        drop();
        throw e;
      }
    }
  }

  /** SQLite's BUSY and LOCKED; PostgreSQL's deadlock and lock_timeout. */
  private static boolean locked(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return code == 5 || code == 6 || state.startsWith("40") || state.equals("55P03");
  }

  /** PostgreSQL was started again or became read-only, or the network failed. */
  private static boolean lost(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return state.startsWith("08") || state.startsWith("57P") || state.equals("25006");
  }

  private Sql connected() throws SQLException, AdminException {
    Sql sql = open;
    // An old primary that was left up answers every SELECT, for ever, with what was there before.
    if (sql != null && sql.dialect().shared() && readOnly(sql)) {
      drop();
      sql = null;
    }
    if (sql == null) {
      mustExist();
      sql = Database.connect(config);
      open = sql; // first, so that it is closed if it does not fit
      mustFit(sql);
    }
    return sql;
  }

  private static boolean readOnly(Sql sql) throws SQLException {
    return "on".equals(Sql.ask(sql.connection(), "SHOW transaction_read_only"));
  }

  /** Or SQLite would make a database of an empty file. */
  private void mustExist() throws AdminException {
    Path file = config.file();
    try {
      if (file != null && (Files.notExists(file) || Files.size(file) == 0)) {
        throw none();
      }
    } catch (IOException e) {
      throw new AdminException("can't read " + file + "; run this as the service's user", e);
    }
  }

  private AdminException none() {
    return new AdminException("there is no database yet; the service's first start makes it", null);
  }

  private void mustFit(Sql sql) throws SQLException, AdminException {
    if (Sql.ask(sql.connection(), sql.dialect().findSchema()) == null) {
      throw none();
    }
    long version = sql.number("SELECT version FROM schema_version");
    if (version != Database.SCHEMA) {
      String remedy =
          version < Database.SCHEMA
              ? "start the service of this version once, which brings it up to date"
              : "use the program that the service runs";
      String has = "the database has schema " + version + ", this program knows ";
      throw new AdminException(has + Database.SCHEMA + "; " + remedy, null);
    }
  }

  private void drop() {
    Sql sql = open;
    open = null;
    if (sql != null) {
      try {
        sql.connection().close();
      } catch (SQLException e) {
        // It is broken, and nobody uses it any more.
      }
    }
  }

  /**
   * Callers are turned away from now on, and work that has not begun never runs. Returns when the
   * connection is closed, or after 2 s: then the thread closes it as soon as it can.
   */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      thread.execute(this::drop);
      thread.shutdown();
    }
    try {
      if (!thread.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the pages' database connection is still in use, nobody waits for it any more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
