package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/** The writer's connection: makes it, replaces it when it fails, and knows whether it works. */
final class Session {
  interface Work {
    void run(Connection connection) throws SQLException;
  }

  /** Nothing of it is in the database, or (after a failed COMMIT) nobody can say. */
  static final class NotCommitted extends Exception {
    private static final long serialVersionUID = 1;
    private final boolean poisoned;
    private final Throwable cause;

    NotCommitted(boolean poisoned, Throwable cause) {
      super(cause);
      this.poisoned = poisoned;
      this.cause = cause;
    }

    /** True if the database works without them: then one of the calls was the trouble. */
    boolean poisoned() {
      return poisoned;
    }

    Throwable cause() {
      return cause;
    }
  }

  private static final EventLog LOG = EventLog.of(Session.class);

  private final Dialect dialect;
  private final @Nullable Object opened; // which file, by its key
  private @Nullable Connection connection;
  private boolean inPlace = true; // what the last look said
  private volatile boolean healthy = true;

  /** Connects and brings the schema up to date. */
  Session(Dialect dialect) throws SQLException {
    this.dialect = dialect;
    Connection first = dialect.connect(true);
    connection = first;
    try {
      Schema.update(first, dialect);
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
      Connection current = connected();
      current.setAutoCommit(false); // begins
      work.run(current);
      worked = true;
      current.setAutoCommit(true); // commits
    } catch (SQLException | RuntimeException | Error e) {
      if (worked || !(e instanceof SQLException) || !rolledBack()) {
        drop(); // or the next group would commit what has run of this one
      }
      // One call was the trouble if the database works without it. A COMMIT is nobody's call.
      boolean poisoned = !worked && tried();
      if (!poisoned) {
        trouble(e);
      }
      throw new NotCommitted(poisoned, e);
    }
    mustBeInPlace(); // or a caller is told that it is stored, in a file that nobody will ever see
    recover(); // what wrote nothing works on a full disk, too
  }

  /** Looks whether the file is still there, and whether a database in trouble works again. */
  void probe() {
    if (inPlace()) {
      recover();
    }
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
    try (Statement statement = connected().createStatement()) {
      statement.executeUpdate("UPDATE schema_version SET probed_at = " + dialect.now());
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      drop();
      return false;
    }
  }

  private Connection connected() throws SQLException {
    Connection current = connection;
    if (current == null) {
      current = dialect.connect(false);
      connection = current;
    }
    return current;
  }

  /**
   * True on PostgreSQL, if that works, where a new connection costs 40 ms: a hundred refused
   * results would hold up sign-ups for seconds. On SQLite the last line finds nothing to commit,
   * and throws.
   */
  private boolean rolledBack() {
    Connection current = connection;
    if (current == null) {
      return true; // it was connecting that failed
    }
    try (Statement statement = current.createStatement()) {
      statement.execute("ROLLBACK");
      current.setAutoCommit(true);
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      return false;
    }
  }

  /** Closes the connection, which rolls back. */
  private void drop() {
    Connection broken = connection;
    connection = null; // whatever closing throws: nothing more is run on it
    try {
      if (broken != null) {
        broken.close();
      }
    } catch (SQLException | RuntimeException | Error e) {
      LOG.warn(e, "closing a broken connection failed");
    }
  }

  private void trouble(Throwable cause) {
    if (healthy) { // once a trouble, not once a call
      healthy = false;
      LOG.error(cause, "database in trouble");
    }
  }

  void close() {
    healthy = false;
    drop();
  }
}
