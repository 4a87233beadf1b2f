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
    private final SQLException cause;

    NotCommitted(boolean poisoned, SQLException cause) {
      super(cause);
      this.poisoned = poisoned;
      this.cause = cause;
    }

    /** True if the connection still works: then one of the calls was the trouble. */
    boolean poisoned() {
      return poisoned;
    }

    SQLException cause() {
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
    this.connection = dialect.connect();
    Schema.update(connection);
  }

  boolean healthy() {
    return healthy;
  }

  /** Runs and commits, or rolls back. Only the writer thread calls it. */
  void commit(Work work) throws NotCommitted {
    try {
      Connection current = connected();
      current.setAutoCommit(false); // begins
      work.run(current);
    } catch (SQLException e) {
      // What works after a rollback was not in trouble itself: then it was one of the calls.
      boolean works = rolledBack() && tried();
      if (!works) {
        trouble(e);
      }
      throw new NotCommitted(works, e);
    }
    try {
      // Not commit(): SQLite's driver would begin the next transaction at once, and hold the write
      // lock while idle, against everybody else.
      connected().setAutoCommit(true);
      recovered();
    } catch (SQLException e) {
      drop();
      trouble(e);
      throw new NotCommitted(false, e);
    }
  }

  /** Called once an idle second: finds out whether a database in trouble works again. */
  void probe() {
    if (!healthy && tried()) {
      recovered();
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

  private boolean rolledBack() {
    try {
      Connection current = connected();
      if (!current.getAutoCommit()) {
        current.rollback();
        current.setAutoCommit(true);
      }
      return true;
    } catch (SQLException e) {
      drop();
      return false;
    }
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

  private void trouble(SQLException cause) {
    if (healthy) { // once a trouble, not once a call
      healthy = false;
      LOG.log(System.Logger.Level.ERROR, "database in trouble", "error", cause);
    }
  }

  private void recovered() {
    if (!healthy) {
      healthy = true;
      LOG.log(System.Logger.Level.INFO, "database works again");
    }
  }

  void close() {
    drop();
  }
}
