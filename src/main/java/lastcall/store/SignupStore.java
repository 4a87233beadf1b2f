package lastcall.store;

import static lastcall.kinds.MailKinds.ALREADY_REGISTERED;
import static lastcall.kinds.MailKinds.WELCOME;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import lastcall.kinds.MailKinds.AlreadyRegistered;
import lastcall.kinds.MailKinds.Welcome;

/**
 * Stores a user and the welcome e-mail in one transaction: both or neither.
 *
 * <p>With signup.taken-address=hide, a sign-up with a taken address is answered as a new one, and
 * whoever asks must not learn from the time that it was not. So each group commits a write, and a
 * new sign-up asks the database as much as a hidden one.
 */
public final class SignupStore {
  /**
   * How long a client waits for the disk before it gets 503. Less than the usual
   * shutdown.request-grace, or a stop while the database hangs would cut requests off.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(4);

  /** The owner of a taken address is told once in this time, in milliseconds. */
  private static final long DAY = Duration.ofDays(1).toMillis();

  private static final String INSERT_USER =
      "INSERT INTO users (id, created_at, name, email, email_key, password_hash, idempotency_key)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

  private static final String RESERVE_KEY = INSERT_USER.replace("users", "hidden_signups");

  private static final String BY_KEY =
      """
      SELECT id, created_at, name, email, email_key, password_hash, 1 AS place FROM users
      WHERE idempotency_key = ? UNION ALL
      SELECT id, created_at, name, email, email_key, password_hash, 2 FROM hidden_signups
      WHERE idempotency_key = ? AND id <> ? ORDER BY place\
      """;

  private static final String TELL =
      "UPDATE users SET told_at = ? WHERE email_key = ? AND (told_at IS NULL OR told_at <= ?)"
          + " RETURNING id, name, email";

  private final GroupCommit writer;
  private final String owner;
  private final Duration lease;
  private final FirstClaims claims;
  private final boolean hide;
  private final GroupCommit.Batch<NewUser, Stored> insert = this::insert;

  /**
   * @param owner of the e-mails that are claimed at once
   * @param hide answers a sign-up with a taken address as if it were new
   */
  SignupStore(GroupCommit writer, String owner, Duration lease, FirstClaims claims, boolean hide) {
    this.writer = writer;
    this.owner = owner;
    this.lease = lease;
    this.claims = claims;
    this.hide = hide;
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
        stored -> claims.ended(welcome(user).claimed(), stored instanceof Stored.Accepted),
        () -> claims.ended(welcome(user).claimed(), false));
  }

  private static NewMail welcome(NewUser user) {
    Welcome data = new Welcome(user.name());
    return new NewMail(
        user.messageId(), user.id(), user.email(), WELCOME, data, user.traceparent());
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
    List<NewUser> reserving = hide ? reserving(ordered) : List.of();
    Set<NewUser> notFree = new HashSet<>(reserving);
    sql.changed(RESERVE_KEY, reserving, user -> row(user, now)).forEach(notFree::remove);
    List<NewUser> free = ordered.stream().filter(user -> !notFree.contains(user)).toList();
    Set<NewUser> added = new HashSet<>(sql.changed(INSERT_USER, free, user -> row(user, now)));
    Set<NewUser> hidden = new HashSet<>();
    List<Object[]> mails = new ArrayList<>();
    Map<NewUser, Stored> results = new HashMap<>();
    for (NewUser user : ordered) {
      Stored.Accepted asNew = new Stored.Accepted(user.id(), now, user.name(), user.email());
      Stored stored = asNew;
      if (hide || !added.contains(user)) { // with hide, a new one is looked up like all others
        stored = earlier(sql, user, hide ? new Stored.Hidden(asNew) : new Stored.AddressTaken());
      }
      if (added.contains(user)) {
        boolean ours = claims.claim(user.messageId(), asked);
        long dueAt = now + (ours ? lease.toMillis() : 0);
        mails.add(welcome(user).row(now, dueAt, ours ? owner : null));
        stored = asNew;
      } else if (stored instanceof Stored.Hidden) {
        hidden.add(user);
        tellOwner(sql, user, now, mails);
      }
      results.put(user, stored);
    }
    sql.updateEach(NewMail.INSERT, mails);
    // A hidden sign-up keeps its key, all others give back what they have reserved.
    List<NewUser> back = reserving.stream().filter(user -> !hidden.contains(user)).toList();
    sql.changed("DELETE FROM hidden_signups WHERE id = ?", back, user -> Sql.row(user.id()));
    writer.tell(new StoreEvent.SignupsInserted(added.size(), hidden.size()));
    return users.stream().map(results::get).toList();
  }

  /**
   * The rows that reserve the idempotency keys of these sign-ups, so that a key belongs to one
   * sign-up, be it hidden or not, and whatever another instance stores at this moment. In the order
   * of keys, as above. And a row that stands for no sign-up: on a group that writes nothing the
   * commit would not wait for the disk.
   */
  private static List<NewUser> reserving(List<NewUser> users) {
    String id = users.getFirst().messageId();
    return Stream.concat(
            users.stream().filter(user -> user.idempotencyKey() != null),
            Stream.of(new NewUser(id, "", "", "", "", id, id, null)))
        .sorted(Comparator.comparing(user -> "" + user.idempotencyKey()))
        .toList();
  }

  /** The owner's name and address are those of the account, and nothing is the stranger's. */
  private static void tellOwner(Sql sql, NewUser user, long now, List<Object[]> mails)
      throws SQLException {
    try (ResultSet row = sql.query(TELL, now, user.emailKey(), now - DAY)) {
      if (row.next()) {
        AlreadyRegistered data = new AlreadyRegistered(row.getString(2));
        String id = user.messageId();
        String trace = user.traceparent();
        mails.add(
            new NewMail(id, row.getString(1), row.getString(3), ALREADY_REGISTERED, data, trace)
                .row(now, now, null));
      }
    }
  }

  private static Object[] row(NewUser u, long now) {
    return Sql.row(
        u.id(), now, u.name(), u.email(), u.emailKey(), u.passwordHash(), u.idempotencyKey());
  }

  /** What another sign-up with this idempotency key means for this one. */
  private static Stored earlier(Sql sql, NewUser user, Stored none) throws SQLException {
    String key = user.idempotencyKey();
    if (key == null) {
      return none;
    }
    try (ResultSet row = sql.query(BY_KEY, key, key, user.id())) {
      if (!row.next()) {
        return none;
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
