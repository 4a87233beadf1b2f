package lastcall.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Stores a user and the welcome e-mail in one transaction: both or neither. */
public final class SignupStore {
  /**
   * As long as a client may be kept waiting for the disk; then 503. Below the usual
   * shutdown.request-grace, or a stop while the database hangs would cut requests off.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  private static final String INSERT_USER =
      """
      INSERT INTO users (id, created_at, name, email, email_key, password_hash, idempotency_key)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING\
      """;

  private static final String INSERT_EMAIL =
      """
      INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts)
      VALUES (?, ?, ?, 'due', ?, 0)\
      """;

  private static final String BY_KEY =
      "SELECT id, created_at, name, email, email_key FROM users WHERE idempotency_key = ?";

  private final GroupCommit writer;
  private final Dialect dialect;
  private final boolean withMail;
  private final GroupCommit.Batch<NewUser, Stored> insert = this::insert;

  SignupStore(GroupCommit writer, Dialect dialect, boolean withMail) {
    this.writer = writer;
    this.dialect = dialect;
    this.withMail = withMail;
  }

  /**
   * @return after the commit
   * @throws DatabaseException when it is not stored, or not known to be; the same idempotency key
   *     tells
   */
  public Stored insert(NewUser user) throws DatabaseException, InterruptedException {
    return writer.signup(insert, user, PATIENCE);
  }

  /** ON CONFLICT DO NOTHING and the count of each row, so that a duplicate spoils only itself. */
  private List<Stored> insert(Connection connection, List<NewUser> users) throws SQLException {
    long now = dialect.now(connection);
    int[] inserted = insertUsers(connection, users, now);
    try (PreparedStatement email = connection.prepareStatement(INSERT_EMAIL)) {
      for (int i = 0; i < inserted.length; i++) {
        if (withMail && inserted[i] == 1) {
          email.setString(1, users.get(i).messageId());
          email.setString(2, users.get(i).id());
          email.setLong(3, now);
          email.setLong(4, now);
          email.addBatch();
        }
      }
      email.executeBatch();
    }
    writer.tell(new StoreEvent.SignupsInserted(Arrays.stream(inserted).sum()));
    List<Stored> results = new ArrayList<>(users.size());
    for (int i = 0; i < inserted.length; i++) {
      NewUser user = users.get(i);
      results.add(
          inserted[i] == 1
              ? new Stored.Accepted(user.id(), now, user.name(), user.email())
              : conflict(connection, user));
    }
    return results;
  }

  /** In the order of addresses: two instances that wait for each other's would be a deadlock. */
  private static int[] insertUsers(Connection connection, List<NewUser> users, long now)
      throws SQLException {
    List<Integer> order = new ArrayList<>(IntStream.range(0, users.size()).boxed().toList());
    order.sort(Comparator.comparing(i -> users.get(i).emailKey()));
    try (PreparedStatement insert = connection.prepareStatement(INSERT_USER)) {
      for (int i : order) {
        NewUser user = users.get(i);
        insert.setString(1, user.id());
        insert.setLong(2, now);
        insert.setString(3, user.name());
        insert.setString(4, user.email());
        insert.setString(5, user.emailKey());
        insert.setString(6, user.passwordHash());
        insert.setString(7, user.idempotencyKey());
        insert.addBatch();
      }
      int[] counts = insert.executeBatch();
      int[] inserted = new int[counts.length];
      for (int n = 0; n < counts.length; n++) {
        if (counts[n] < 0) { // then nobody can say whose e-mail is to be stored
          throw new SQLException("the driver does not count the rows of a batch");
        }
        inserted[order.get(n)] = counts[n];
      }
      return inserted;
    }
  }

  private static Stored conflict(Connection connection, NewUser user) throws SQLException {
    if (user.idempotencyKey() == null) {
      return new Stored.AddressTaken();
    }
    try (PreparedStatement select = connection.prepareStatement(BY_KEY)) {
      select.setString(1, user.idempotencyKey());
      try (ResultSet row = select.executeQuery()) {
        if (!row.next()) {
          return new Stored.AddressTaken();
        }
        boolean same =
            user.name().equals(row.getString(3)) && user.emailKey().equals(row.getString(5));
        return same
            ? new Stored.Accepted(
                row.getString(1), row.getLong(2), row.getString(3), row.getString(4))
            : new Stored.KeyReused();
      }
    }
  }
}
