package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** True if the connection still works: then one of the calls was the trouble. */
    boolean poisoned() {
      return poisoned;
    }

    Throwable cause() {
      return cause;
    }
  }

  private static final System.Logger LOG = System.getLogger(Session.class.getName());

  private final Dialect dialect;
  private @Nullable Connection connection;
  private volatile boolean healthy = true;

  /** Connects and brings the schema up to date. */
  Session(Dialect dialect) throws SQLException {
    this.dialect = dialect;
    try {
      Schema.update(connected(), dialect);
    } catch (SQLException e) {
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
    try {
      Connection current = connected();
      current.setAutoCommit(false); // begins
      work.run(current);
    } catch (SQLException | RuntimeException | Error e) { // a fault of ours leaves half of it, too
      drop(); // rolls back
      // What works after that was not in trouble itself: then it was one of the calls.
      boolean works = tried();
      if (!works) {
        trouble(e);
      }
      throw new NotCommitted(works, e);
    }
    try {
      connected().setAutoCommit(true); // commits
    } catch (SQLException | RuntimeException | Error e) { // or the next one would commit it, too
      drop();
      trouble(e);
      throw new NotCommitted(false, e);
    }
    probe(); // what wrote nothing works on a full disk, too
  }

  /** Finds out whether a database in trouble works again; called once an idle second, too. */
  void probe() {
    if (!healthy && tried()) {
      healthy = true;
      LOG.log(System.Logger.Level.INFO, "database works again");
    }
  }

  /** Writes and commits, since a full or read-only disk still answers every SELECT. */
  private boolean tried() {
    try (Statement statement = connected().createStatement()) {
      statement.executeUpdate("UPDATE schema_version SET probed_at = " + dialect.now());
      return true;
    } catch (SQLException e) {
      drop();
      return false;
    }
  }

  private Connection connected() throws SQLException {
    Connection current = connection;
    if (current == null) {
      current = dialect.connect();
      connection = current;
    }
    return current;
  }

  private void drop() {
    Connection broken = connection;
    connection = null;
    try {
      if (broken != null) {
        broken.close();
      }
    } catch (SQLException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a broken connection failed", "error", e);
    }
  }

  private void trouble(Throwable cause) {
    if (healthy) { // once a trouble, not once a call
      healthy = false;
      LOG.log(System.Logger.Level.ERROR, "database in trouble", "error", cause);
    }
  }

  void close() {
    drop();
  }
}
