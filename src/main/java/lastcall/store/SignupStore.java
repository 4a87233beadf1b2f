package lastcall.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Stores a user and the welcome e-mail in one transaction: both or neither. */
public final class SignupStore {
  /**
   * How long a client waits for the disk before it gets 503. Less than the usual
   * shutdown.request-grace, or a stop while the database hangs would cut requests off.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  private static final String INSERT_USER =
      "INSERT INTO users (id, created_at, name, email, email_key, password_hash, idempotency_key)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

  private static final String INSERT_EMAIL =
      "INSERT INTO outbox (id, user_id, recipient, data, created_at, state, due_at, owner,"
          + " attempts, traceparent) VALUES (?, ?, ?, ?, ?, 'due', ?, ?, ?, ?)";

  private static final String BY_KEY =
      "SELECT id, created_at, name, email, email_key, password_hash"
          + " FROM users WHERE idempotency_key = ?";

  private final GroupCommit writer;
  private final String owner;
  private final Duration lease;
  private final FirstClaims claims;
  private final GroupCommit.Batch<NewUser, Stored> insert = this::insert;

  /**
   * @param owner of the e-mails that are claimed at once
   */
  SignupStore(GroupCommit writer, String owner, Duration lease, FirstClaims claims) {
    this.writer = writer;
    this.owner = owner;
    this.lease = lease;
    this.claims = claims;
  }

  /**
   * @return after the commit
   * @throws DatabaseException when it is not stored, or not known to be; the same idempotency key
   *     tells
   */
  public Stored insert(NewUser user) throws DatabaseException, InterruptedException {
    return writer.signup(
        insert,
        user,
        PATIENCE,
        stored -> claims.ended(mail(user), stored instanceof Stored.Accepted),
        () -> claims.ended(mail(user), false));
  }

  private static DueMail mail(NewUser u) {
    long now = System.nanoTime();
    return new DueMail(u.messageId(), 1, 0, u.email(), u.name(), u.traceparent(), now);
  }

  /**
   * One transaction for all of the group. ON CONFLICT DO NOTHING, and the count of each row, say
   * which user was new: an address that is taken spoils nobody else's sign-up.
   */
  private List<Stored> insert(Sql sql, List<NewUser> users) throws SQLException {
    long asked = System.nanoTime();
    long now = sql.now();
    // In the order of addresses: two instances that insert the same ones in different orders would
    // wait for each other's rows for ever.
    List<NewUser> ordered = users.stream().sorted(Comparator.comparing(NewUser::emailKey)).toList();
    List<Boolean> inserted =
        sql.updateEach(INSERT_USER, ordered.stream().map(u -> row(u, now)).toList());
    Set<String> accepted = new HashSet<>();
    List<Object[]> emails = new ArrayList<>();
    for (int i = 0; i < inserted.size(); i++) {
      NewUser user = ordered.get(i);
      if (inserted.get(i)) {
        accepted.add(user.id());
        emails.add(email(user, now, asked));
      }
    }
    sql.updateEach(INSERT_EMAIL, emails);
    writer.tell(new StoreEvent.SignupsInserted(accepted.size()));
    List<Stored> results = new ArrayList<>(users.size());
    for (NewUser user : users) {
      results.add(
          accepted.contains(user.id())
              ? new Stored.Accepted(user.id(), now, user.name(), user.email())
              : conflict(sql, user));
    }
    return results;
  }

  private Object[] email(NewUser user, long now, long asked) {
    String id = user.messageId();
    boolean ours = claims.claim(id, asked);
    return Sql.row(
        id,
        user.id(),
        user.email(),
        user.name(),
        now,
        now + (ours ? lease.toMillis() : 0),
        ours ? owner : null,
        ours ? 1 : 0,
        user.traceparent());
  }

  private static Object[] row(NewUser user, long now) {
    return Sql.row(
        user.id(),
        now,
        user.name(),
        user.email(),
        user.emailKey(),
        user.passwordHash(),
        user.idempotencyKey());
  }

  private static Stored conflict(Sql sql, NewUser user) throws SQLException {
    if (user.idempotencyKey() == null) {
      return new Stored.AddressTaken();
    }
    try (ResultSet row = sql.query(BY_KEY, user.idempotencyKey())) {
      if (!row.next()) {
        return new Stored.AddressTaken();
      }
      if (!user.name().equals(row.getString(3)) || !user.emailKey().equals(row.getString(5))) {
        return new Stored.KeyReused();
      }
      Stored.Accepted first =
          new Stored.Accepted(row.getString(1), row.getLong(2), user.name(), row.getString(4));
      return new Stored.Repeated(first, row.getString(6));
    }
  }
}
