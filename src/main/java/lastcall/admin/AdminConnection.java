package lastcall.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.Sql;
import org.jspecify.annotations.Nullable;

/**
 * A connection beside the writer's, so that what people look for holds up no sign-up. It is made
 * when it is first needed, and anew after trouble. One caller at a time has it.
 */
final class AdminConnection implements AutoCloseable {
  interface Work<T extends @Nullable Object> {
    T run(Sql sql) throws SQLException;
  }

  /** How long a caller waits for another's work. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * How often work is tried that found the database locked. On SQLite each try waits 1.5 s, and the
   * service's writer leaves a gap between any two commits.
   */
  private static final int TRIES = 10;

  private final AppConfig.Store config;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Sql open; // guarded by lock

  AdminConnection(AppConfig.Store config) {
    this.config = config;
  }

  /** Runs statements that only read. */
  <T extends @Nullable Object> T read(Work<T> work) throws AdminException, InterruptedException {
    return exclusively(work);
  }

  /** Runs statements in one transaction: short, since on SQLite the service waits for it. */
  <T extends @Nullable Object> T write(Work<T> work) throws AdminException, InterruptedException {
    return exclusively(sql -> {
      sql.connection().setAutoCommit(false); // begins
      T result = work.run(sql);
      sql.connection().setAutoCommit(true); // commits
      return result;
    });
  }

  private <T extends @Nullable Object> T exclusively(Work<T> work)
      throws AdminException, InterruptedException {
    if (!lock.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AdminException("the database is busy with another search or action", null);
    }
    try {
      for (int tries = 1; ; tries++) {
        try {
          return work.run(connected());
        } catch (SQLException e) {
          close(); // which rolls back
          if (tries >= (locked(e) ? TRIES : lost(e) ? 2 : 1)) {
            throw new AdminException(Objects.toString(e.getMessage()), e);
          }
        } catch (RuntimeException | AdminException e) {
          close();
          throw e;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** SQLite's BUSY and LOCKED; PostgreSQL's deadlock and lock_timeout. */
  private static boolean locked(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return code == 5 || code == 6 || state.startsWith("40") || state.equals("55P03");
  }

  /** PostgreSQL was started again, or the network failed. */
  private static boolean lost(SQLException e) {
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return state.startsWith("08") || state.startsWith("57P");
  }

  private Sql connected() throws SQLException, AdminException {
    Sql sql = open;
    if (sql == null) {
      mustExist();
      sql = Database.connect(config);
      open = sql; // first, so that it is closed if it does not fit
      mustFit(sql);
    }
    return sql;
  }

  /** Or SQLite would make a database of an empty file. */
  private void mustExist() throws AdminException {
    Path file = config.file();
    try {
      if (file != null && (!Files.exists(file) || Files.size(file) == 0)) {
        throw none();
      }
    } catch (IOException e) {
      throw new AdminException("can't read " + file, e);
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

  @Override
  public void close() {
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
}
