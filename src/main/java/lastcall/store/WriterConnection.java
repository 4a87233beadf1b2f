package lastcall.store;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * The writer's connection to the database. It is made anew when it has failed, and it knows whether
 * the database works.
 */
final class WriterConnection {
  interface Work {
    void run(Sql sql) throws SQLException;
  }

  /** The work is not in the database, or (after a failed COMMIT) nobody knows. */
  static final class NotCommitted extends Exception {
    private static final long serialVersionUID = 1;

    /** True if the database works: then one of the calls was the trouble. */
    final boolean poisoned;

    final Throwable why;

    NotCommitted(boolean poisoned, Throwable cause) {
      super(cause);
      this.poisoned = poisoned;
      this.why = cause;
    }
  }

  private static final EventLog LOG = EventLog.of(WriterConnection.class);

  private final Dialect dialect;
  private final @Nullable Object opened; // which file, by its key
  private @Nullable Sql connection;
  private boolean inPlace = true; // what the last look said
  private volatile boolean healthy = true;

  /** Connects and brings the schema up to date. */
  WriterConnection(Dialect dialect) throws SQLException {
    this.dialect = dialect;
    Sql first = new Sql(dialect.connect(true), dialect);
    connection = first;
    try {
      Schema.update(first);
      opened = dialect.fileKey();
    } catch (SQLException | RuntimeException | Error e) {
      drop();
      throw e;
    }
  }

  boolean healthy() {
    return healthy;
  }

  /**
   * Runs and commits, or rolls back. Only the writer thread calls it. Connections are in
   * auto-commit mode in between: sqlite-jdbc's commit() and rollback() BEGIN again at once, so an
   * idle service would keep everybody else from writing, and a commit that worked could fail with
   * "busy".
   */
  void commit(Work work) throws NotCommitted {
    mustBeInPlace();
    boolean worked = false;
    try {
      Sql current = connected();
      current.connection().setAutoCommit(false); // begins
      work.run(current);
      worked = true;
      current.connection().setAutoCommit(true); // commits
    } catch (SQLException | RuntimeException | Error e) {
      if (worked || !(e instanceof SQLException) || !rolledBack()) {
        drop(); // or the next group would commit what has run of this one
      }
      // One call was the trouble if the database works without it. A failed COMMIT is no call's.
      boolean poisoned = !worked && tried();
      if (!poisoned && healthy) { // one line for each trouble, not for each call
        healthy = false;
        LOG.error(e, "database in trouble");
      }
      throw new NotCommitted(poisoned, e);
    }
    mustBeInPlace(); // or a caller hears that it is stored, in a file that nobody will ever open
    recover(); // a commit that wrote nothing succeeds on a full disk too, so this writes
  }

  /** Checks that the file is still there, and tries a database that is in trouble. */
  void probe() {
    inPlace();
    recover();
  }

  private void recover() {
    if (!healthy && tried()) {
      healthy = true;
      LOG.info("database works again");
    }
  }

  private void mustBeInPlace() throws NotCommitted {
    if (!inPlace()) {
      throw new NotCommitted(false, new SQLException("the database's file is gone"));
    }
  }

  /**
   * False while the file that was opened is not at its path. The connection stays open meanwhile:
   * closed, the file of a removed database would be gone for good, and a new file could get its
   * inode and so be taken for it.
   */
  private boolean inPlace() {
    boolean before = inPlace;
    inPlace = Objects.equals(opened, dialect.fileKey());
    if (!inPlace) {
      healthy = false;
      if (before) { // once each time it goes
        LOG.error(
            "database file was moved, removed or replaced: nothing is stored until it is moved back, or the service is started again database=%s",
            dialect);
      }
    }
    return inPlace;
  }

  /** Writes and commits, since a full or read-only disk still answers every SELECT. */
  private boolean tried() {
    if (!inPlace()) {
      return false;
    }
    try (Statement statement = connected().connection().createStatement()) {
      statement.executeUpdate("UPDATE schema_version SET probed_at = " + dialect.now());
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      drop();
      return false;
    }
  }

  private Sql connected() throws SQLException {
    Sql current = connection;
    if (current == null) {
      current = new Sql(dialect.connect(false), dialect);
      connection = current;
    }
    return current;
  }

  /**
   * Rolls back and keeps the connection, if that works. It does on PostgreSQL, where a new one
   * costs 40 ms, and a hundred refused results would hold up sign-ups for seconds. On SQLite it
   * returns false: setAutoCommit(true) finds nothing to commit there, and throws.
   */
  private boolean rolledBack() {
    Sql current = connection;
    if (current == null) {
      return true; // it was connecting that failed
    }
    try (Statement statement = current.connection().createStatement()) {
      statement.execute("ROLLBACK");
      current.connection().setAutoCommit(true);
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      return false;
    }
  }

  /** Closes the connection, which rolls back. */
  private void drop() {
    Sql broken = connection;
    connection = null; // first, so that nothing more runs on it if closing throws
    try {
      if (broken != null) {
        broken.connection().close();
      }
    } catch (SQLException | RuntimeException | Error e) {
      LOG.warn(e, "closing a broken connection failed");
    }
  }

  void close() {
    healthy = false;
    drop();
  }
}
