package lastcall.store;

import java.sql.SQLException;
import java.time.Duration;
import lastcall.config.AppConfig;

/** The open database: connected, its schema up to date, its writer running. */
public final class Database {
  private final Dialect dialect;
  private final GroupCommit writer;

  private Database(Dialect dialect, GroupCommit writer) {
    this.dialect = dialect;
    this.writer = writer;
  }

  /**
   * @throws SQLException when it can't be reached or written, or a newer version has used it
   */
  public static Database open(AppConfig.Store config, StoreListener listener) throws SQLException {
    Dialect dialect = Dialect.of(config);
    return new Database(dialect, new GroupCommit(new Session(dialect), listener));
  }

  public SignupStore signups() {
    return new SignupStore(writer, dialect);
  }

  public OutboxStore outbox(String owner) {
    return new OutboxStore(writer, dialect, owner);
  }

  /** Never blocks: what the last commit said. */
  public boolean healthy() {
    return writer.healthy();
  }

  /**
   * Refuses further sign-ups and waits until those that had got in are committed or have failed, so
   * that nothing slips in behind the drain.
   *
   * @throws DatabaseException when that took longer than {@code patience}
   */
  public void closeSignups(Duration patience) throws DatabaseException, InterruptedException {
    writer.closeSignups(patience);
  }

  /**
   * @return false if the writer still hung in the database after {@code patience}
   */
  public boolean close(Duration patience) throws InterruptedException {
    return writer.close(patience);
  }
}
