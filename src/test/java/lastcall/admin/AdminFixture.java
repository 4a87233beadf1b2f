package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lastcall.config.AppConfig;
import lastcall.store.Database;
import lastcall.store.OutboxStore;
import lastcall.store.StoreListener;
import lastcall.testing.Engine;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A database, the service's outbox in it, and somebody who looks into it. */
@ParameterizedClass
@EnumSource
abstract class AdminFixture {
  static final Duration LEASE = Duration.ofMinutes(5);

  @Parameter Engine engine;
  @TempDir Path directory;
  AppConfig.Store config;
  Database database;
  TestDatabase sql;
  OutboxStore outbox;
  OutboxAdmin admin;

  @BeforeEach
  void open() throws Exception {
    config = engine.create(directory);
    database = Database.open(config, StoreListener.NONE);
    sql = new TestDatabase(config);
    outbox = database.outbox("me");
    admin = new OutboxAdmin(config);
  }

  @AfterEach
  void close() throws Exception {
    admin.close();
    sql.close();
    assertTrue(database.close(Duration.ofSeconds(20)), "the writer hangs");
    engine.drop(config);
  }

  /** An e-mail of each state; the later in this list, the older. */
  void oneOfEach() throws Exception {
    long age = 0;
    for (State state : State.values()) {
      String name = state.word();
      TestDatabase.signups(database).insert(TestDatabase.user(name));
      String column = state.compareTo(State.CLAIMED) <= 0 ? "due" : name;
      String owner = state == State.CLAIMED ? "'me'" : "NULL";
      long due = state == State.LATER || state == State.CLAIMED ? LEASE.toMillis() : -1000;
      String ended = column.equals("due") ? "NULL" : sql.now() + " - " + age;
      sql.execute(
          "UPDATE outbox SET state = '%s', owner = %s, due_at = %s + %s, ended_at = %s, attempts = 3, unknowns = 1, last_error = 'RCPT 550 No_such %s' WHERE id = 'mail-%s'"
              .formatted(column, owner, sql.now(), due, ended, name, name));
      age += 60_000;
      for (String table : List.of("users", "outbox")) {
        sql.execute(
            "UPDATE %s SET created_at = created_at - %s WHERE id = '%s-%s'"
                .formatted(table, age, table.equals("users") ? "id" : "mail", name));
      }
    }
  }

  /** The higher the number, the younger. */
  void fill(int mails, String state) throws Exception {
    boolean sqlite = engine == Engine.SQLITE;
    String series =
        sqlite
            ? "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
                + (mails - 1)
                + ") SELECT i FROM n)"
            : "(SELECT * FROM generate_series(0, " + (mails - 1) + ") AS n(i))";
    String id = sqlite ? "printf('m-%06d', i)" : "'m-' || LPAD(i::text, 6, '0')";
    sql.execute(
        "INSERT INTO users (id, created_at, name, email, email_key, password_hash) VALUES ('u', 1, 'u', 'u@u.org', 'u@u.org', '-')");
    sql.execute(
        "INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts, ended_at, recipient) SELECT "
            + (id + ", 'u', 1000 + i, '" + state + "', 1, 1, 1000 + i, 'u@u.org' FROM ")
            + (series + " AS numbers"));
  }

  List<String> found(Filter filter) throws Exception {
    Mail.Page page = admin.find(filter, null, 100);
    assertNull(page.next());
    return page.mails().stream().map(mail -> mail.id().substring(5)).toList();
  }
}
