package lastcall.store;

import java.sql.SQLException;
import java.time.Duration;
import lastcall.config.AppConfig;

/** The open database: connected, its schema up to date, its writer running. */
public final class Database {
  /** The version of the schema that this program knows. */
  public static final int SCHEMA = Schema.STEPS.size();

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
    return new Database(dialect, new GroupCommit(new WriterConnection(dialect), listener));
  }

  /** A connection beside the service's, to a database that exists; the caller closes it. */
  public static Sql connect(AppConfig.Store config) throws SQLException {
    Dialect dialect = Dialect.of(config);
    return new Sql(dialect.connect(false), dialect);
  }

  /**
   * @param owner of the e-mails that are claimed as they are stored
   * @param lease of those
   * @param hide answers a sign-up with a taken address as if it were new
   */
  public SignupStore signups(String owner, Duration lease, FirstClaims claims, boolean hide) {
    return new SignupStore(writer, owner, lease, claims, hide);
  }

  public OutboxStore outbox(String owner) {
    return new OutboxStore(writer, dialect, owner);
  }

  /** Whether the last commit worked, or a probe since then. Never blocks. */
  public boolean healthy() {
    return writer.healthy();
  }

  /**
   * Refuses further sign-ups and waits until those that are queued are committed or have failed, so
   * that none is stored behind the drain.
   *
   * @throws DatabaseException when that took longer than {@code patience}
   */
  public void closeSignups(Duration patience) throws DatabaseException, InterruptedException {
    writer.closeSignups(patience);
  }

  /**
   * @return false if the database still held the writer after {@code patience}
   */
  public boolean close(Duration patience) throws InterruptedException {
    return writer.close(patience);
  }
}
