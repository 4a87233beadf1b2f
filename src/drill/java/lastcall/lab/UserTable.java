package lastcall.lab;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import lastcall.config.AppConfig;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;
import lastcall.store.Database;
import lastcall.store.StoreListener;
import org.jspecify.annotations.Nullable;

/** Users without e-mails, each in a transaction of its own. */
final class UserTable implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Connection connection; // guarded by lock

  UserTable(AppConfig.Store config, Path file) throws SQLException, InterruptedException {
    Database.open(config, StoreListener.NONE).close(Duration.ofSeconds(5)); // makes the schema
    Properties properties = new Properties();
    properties.setProperty("journal_mode", "WAL");
    properties.setProperty("synchronous", "FULL"); // as the service: a 202 survives a kill
    properties.setProperty("busy_timeout", "1500");
    connection = DriverManager.getConnection("jdbc:sqlite:" + file, properties);
  }

  SignupOutcome insert(SignupRequest request, String hash) throws SQLException {
    User user =
        new User(UUID.randomUUID().toString(), Instant.now(), request.name(), request.email());
    lock.lock();
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO users (id, created_at, name, email, email_key, password_hash,"
                + " idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      insert.setString(1, user.id());
      insert.setLong(2, user.createdAt().toEpochMilli());
      insert.setString(3, user.name());
      insert.setString(4, user.email());
      insert.setString(5, request.emailKey());
      insert.setString(6, hash);
      insert.setString(7, request.idempotencyKey());
      boolean inserted = insert.executeUpdate() == 1;
      return inserted ? new SignupOutcome.Accepted(user) : repeated(request);
    } finally {
      lock.unlock();
    }
  }

  private SignupOutcome repeated(SignupRequest request) throws SQLException {
    @Nullable String key = request.idempotencyKey();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, created_at FROM users WHERE idempotency_key = ? AND email = ?")) {
      select.setString(1, key);
      select.setString(2, request.email());
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? new SignupOutcome.Accepted(
                new User(
                    row.getString(1),
                    Instant.ofEpochMilli(row.getLong(2)),
                    request.name(),
                    request.email()))
            : new SignupOutcome.AddressTaken();
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
