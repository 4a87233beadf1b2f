package lastcall.drill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import lastcall.config.AppConfig;
import lastcall.store.Database;

/** E-mails that are due before the service starts, as from earlier sign-ups. */
final class Preload {
  private static final int BATCH = 1_000;

  /** What the default of retention.sent does not keep. */
  private static final Duration OLD = Duration.ofDays(40);

  private Preload() {}

  /** E-mails that were sent long ago, of users that are gone. */
  static void insertOld(AppConfig.Store database, Rows rows, int count)
      throws SQLException, InterruptedException {
    if (count == 0) {
      return;
    }
    Database.open(database, event -> {}).close(ServiceProcess.GUARD); // makes the tables
    long at = System.currentTimeMillis() - OLD.toMillis();
    try (Connection connection = rows.connect();
        PreparedStatement mail =
            connection.prepareStatement(
                "INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts, ended_at,"
                    + " recipient, data) VALUES (?, 'gone', ?, 'sent', ?, 1, ?, ?, 'Ada')")) {
      connection.setAutoCommit(false);
      for (int i = 1; i <= count; i++) {
        mail.setString(1, "old." + i);
        mail.setLong(2, at - i);
        mail.setLong(3, at - i);
        mail.setLong(4, at - i);
        mail.setString(5, "old." + i + "@drill.example");
        mail.addBatch();
        if (i % BATCH == 0 || i == count) {
          mail.executeBatch();
        }
      }
      connection.commit();
    }
  }

  /**
   * @param name begins each address
   * @return the addresses, each with 202, since they were promised an e-mail
   */
  static Map<String, Integer> insert(AppConfig.Store database, Rows rows, int count, String name)
      throws SQLException, InterruptedException {
    Map<String, Integer> promised = new HashMap<>();
    if (count == 0) {
      return promised;
    }
    Database.open(database, event -> {}).close(ServiceProcess.GUARD); // makes the tables
    long now = System.currentTimeMillis() - Duration.ofSeconds(10).toMillis();
    try (Connection connection = rows.connect();
        PreparedStatement user =
            connection.prepareStatement(
                "INSERT INTO users (id, created_at, name, email, email_key, password_hash)"
                    + " VALUES (?, ?, 'Ada', ?, ?, '-')");
        PreparedStatement mail =
            connection.prepareStatement(
                "INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts, recipient, data)"
                    + " VALUES (?, ?, ?, 'due', ?, 0, ?, 'Ada')")) {
      connection.setAutoCommit(false);
      for (int i = 1; i <= count; i++) {
        String id = name + ".due." + i;
        String email = id + "@drill.example";
        promised.put(email, 202);
        user.setString(1, id);
        user.setLong(2, now);
        user.setString(3, email);
        user.setString(4, email);
        user.addBatch();
        mail.setString(1, email);
        mail.setString(2, id);
        mail.setLong(3, now);
        mail.setLong(4, now);
        mail.setString(5, email);
        mail.addBatch();
        if (i % BATCH == 0 || i == count) {
          user.executeBatch();
          mail.executeBatch();
        }
      }
      connection.commit();
      connection.setAutoCommit(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute("ANALYZE users"); // as autovacuum would have
        statement.execute("ANALYZE outbox");
      }
    }
    return promised;
  }
}
