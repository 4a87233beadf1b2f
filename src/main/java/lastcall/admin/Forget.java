package lastcall.admin;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastcall.config.AppConfig;
import lastcall.shutdown.Deadline;
import lastcall.store.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes every row that names one person, in one transaction, in the service or beside it. The
 * thread looks for the e-mails before that, in reads of a bounded number of rows: no index finds
 * them by user or recipient.
 */
public final class Forget implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(200);

  /** What was stored while the e-mails were looked for is looked for again; commits are shorter. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  private static final String OF_PERSON =
      "user_id IN (SELECT id FROM users WHERE email_key IN (?, ?)) OR LOWER(recipient) IN (?, ?)";

  /** Rows that nobody sends just now. A lease that has ended is nobody's, as in a claim. */
  private static final String FREE =
      "SELECT id FROM outbox WHERE id = ?"
          + " AND NOT (state = 'due' AND owner IS NOT NULL AND due_at > %1$s) ";

  private static final String KEYS = " WHERE email_key IN (?, ?)";

  /** Rows of each table. */
  public record Rows(long users, long outbox, long attempts, long hiddenSignups) {
    /** Both together; the other one may have found an e-mail that is being sent. */
    public Rows and(@Nullable Rows more) {
      return more == null
          ? this
          : new Rows(
              users + more.users,
              outbox + more.outbox,
              attempts + more.attempts,
              hiddenSignups + more.hiddenSignups);
    }

    public boolean none() {
      return users + outbox + attempts + hiddenSignups == 0;
    }
  }

  private final AdminConnection connection;

  public Forget(AppConfig.Store config) {
    connection = new AdminConnection(config, OutboxAdmin.COMMAND);
  }

  /**
   * The keys under which a person may be stored.
   *
   * @param normalised as a sign-up does it, or else what was typed
   * @param typed what older versions may have stored as it was
   */
  public static Set<String> keys(String normalised, String typed) {
    return Stream.of(normalised, typed.strip())
        .map(key -> key.toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Counts the rows. */
  public Rows find(Set<String> keys) throws AdminException, InterruptedException {
    Object[] two = two(keys);
    List<String> mails = mails(two);
    return connection.read(sql -> {
      long attempts = 0;
      for (String id : mails) {
        attempts += sql.number("SELECT COUNT(*) FROM attempts WHERE mail_id = ?", id);
      }
      long users = sql.number("SELECT COUNT(*) FROM users" + KEYS, two);
      long hidden = sql.number("SELECT COUNT(*) FROM hidden_signups" + KEYS, two);
      return new Rows(users, mails.size(), attempts, hidden);
    });
  }

  /**
   * Deletes the rows: all, or none.
   *
   * @param patience for an e-mail that is being sent
   * @return null if it is still being sent then, and nothing was deleted
   */
  public @Nullable Rows delete(Set<String> keys, Duration patience)
      throws AdminException, InterruptedException {
    Deadline end = Deadline.in(patience);
    Object[] two = two(keys);
    while (true) {
      long since = connection.read(Sql::now) - MARGIN.toMillis();
      List<String> mails = mails(two);
      Rows gone =
          connection
              .read(sql -> Optional.ofNullable(transaction(sql, two, mails, since)))
              .orElse(null);
      if (gone != null || end.passed()) {
        return gone;
      }
      Thread.sleep(LOOK);
    }
  }

  private static Object[] two(Set<String> keys) {
    List<String> all = List.copyOf(keys);
    return Sql.row(all.getFirst(), all.getLast());
  }

  /** Of the whole outbox, newest first. */
  private List<String> mails(Object[] two) throws AdminException, InterruptedException {
    List<String> found = new ArrayList<>();
    Mail.Cursor next = new Mail.Cursor(Long.MAX_VALUE, "");
    while (next != null) {
      Mail.Cursor at = next;
      next =
          connection.read(sql -> Optional.ofNullable(mails(sql, two, at, 0, found))).orElse(null);
    }
    return found;
  }

  /** Adds to {@code found}; the last row that was looked at, or null if there are no more. */
  private static Mail.@Nullable Cursor mails(
      Sql sql, Object[] two, Mail.Cursor from, long since, List<String> found) throws SQLException {
    String text =
        "SELECT created_at, id, COALESCE("
            + OF_PERSON
            + ", 1 = 0) FROM outbox"
            + " WHERE created_at >= ? AND created_at <= ? AND (created_at < ? OR id < ?)"
            + " ORDER BY created_at DESC, id DESC LIMIT ?";
    Mail.Cursor last = null;
    int looked = 0;
    try (ResultSet row =
        sql.query(
            text,
            two[0],
            two[1],
            two[0],
            two[1],
            since,
            from.key(),
            from.key(),
            from.id(),
            Queries.LOOKS)) {
      while (row.next()) {
        last = new Mail.Cursor(row.getLong(1), row.getString(2));
        looked++;
        if (row.getBoolean(3)) {
          found.add(last.id());
        }
      }
    }
    return looked == Queries.LOOKS ? last : null;
  }

  /** Null, and nothing is changed, if one of the e-mails is claimed. */
  private static @Nullable Rows transaction(Sql sql, Object[] two, List<String> before, long since)
      throws SQLException {
    if (!sql.dialect().shared()) {
      // What is deleted is overwritten in the file too. And for each user that goes, SQLite would
      // look through the whole outbox for e-mails of it. Neither can be set in a transaction.
      Sql.execute(sql.connection(), "PRAGMA secure_delete = ON");
      Sql.execute(sql.connection(), "PRAGMA foreign_keys = OFF");
    }
    sql.connection().setAutoCommit(false); // begins; after an exception the connection is closed
    if (sql.dialect().shared()) {
      // A sign-up that writes to this user ends before, and none begins before we have ended.
      sql.query("SELECT id FROM users" + KEYS + " ORDER BY id FOR UPDATE", two).close();
    }
    List<String> mails = new ArrayList<>();
    mails(sql, two, new Mail.Cursor(Long.MAX_VALUE, ""), since, mails);
    Set<String> all = new LinkedHashSet<>(before);
    all.addAll(mails);
    Rows gone = free(sql, all) ? delete(sql, two, all) : null;
    sql.connection().setAutoCommit(true); // commits
    return gone;
  }

  /** Locks the rows. One that is locked already is being claimed, or its result recorded. */
  private static boolean free(Sql sql, Set<String> ids) throws SQLException {
    for (String id : ids) {
      boolean free;
      try (ResultSet row = sql.query(FREE + sql.dialect().skipLocked(), id)) {
        free = row.next();
      }
      if (!free && sql.number("SELECT COUNT(*) FROM outbox WHERE id = ?", id) > 0) {
        return false;
      }
    }
    return true;
  }

  private static Rows delete(Sql sql, Object[] two, Set<String> ids) throws SQLException {
    long outbox = 0;
    long attempts = 0;
    for (String id : ids) {
      outbox += sql.update("DELETE FROM outbox WHERE id = ?", id);
      attempts += sql.update("DELETE FROM attempts WHERE mail_id = ?", id);
    }
    long users = sql.update("DELETE FROM users" + KEYS, two);
    return new Rows(users, outbox, attempts, sql.update("DELETE FROM hidden_signups" + KEYS, two));
  }

  /**
   * On SQLite the WAL holds pages as they were, until it is begun anew.
   *
   * @return false if somebody reads in a long transaction, and the WAL must stay
   */
  public boolean clearLog() throws AdminException, InterruptedException {
    return connection.read(sql -> {
      if (sql.dialect().shared()) {
        return true;
      }
      try (ResultSet row = sql.query("PRAGMA wal_checkpoint(TRUNCATE)")) {
        return row.next() && row.getInt(1) == 0;
      }
    });
  }

  @Override
  public void close() {
    connection.close();
  }
}
