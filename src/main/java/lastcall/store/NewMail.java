package lastcall.store;

import java.sql.SQLException;
import lastcall.kinds.MailKind;
import org.jspecify.annotations.Nullable;

/**
 * An e-mail to store, in the transaction that makes true what it says.
 *
 * @param id its Message-ID
 * @param kind the name of its kind
 * @param data as the kind writes it
 * @param traceparent W3C trace context of the request that it comes from, or null
 */
public record NewMail(
    String id, String userId, String kind, String to, String data, @Nullable String traceparent) {
  static final String INSERT =
      "INSERT INTO outbox (id, user_id, kind, recipient, data, traceparent, created_at, due_at,"
          + " owner, attempts, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'due')";

  public <D> NewMail(
      String id, String userId, String to, MailKind<D> kind, D data, @Nullable String traceparent) {
    this(id, userId, kind.name(), to, kind.data(data), traceparent);
  }

  @Override
  public String toString() {
    return "NewMail[" + id + "]"; // without address and data
  }

  /** Due at once: a dispatcher finds it within a second of the commit. */
  public void insert(Sql sql) throws SQLException {
    long now = sql.now();
    sql.update(INSERT, row(now, now, null));
  }

  /**
   * @param dueAt for a claimed one, the end of its lease
   * @param owner who has claimed it, or null
   */
  Object[] row(long now, long dueAt, @Nullable String owner) {
    int attempts = owner == null ? 0 : 1;
    return Sql.row(id, userId, kind, to, data, traceparent, now, dueAt, owner, attempts);
  }

  /** As the claim would return it. */
  DueMail claimed() {
    return new DueMail(id, 1, 0, kind, to, data, traceparent, System.nanoTime());
  }
}
