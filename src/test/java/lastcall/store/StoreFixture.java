package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.testing.Engine;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A database, a second connection to it, and two owners of its outbox. */
@ParameterizedClass
@EnumSource
abstract class StoreFixture {
  static final Duration LONG = Duration.ofSeconds(20);
  static final Duration LEASE = Duration.ofMinutes(5);
  static final Result SENT = Result.sent();

  /** Users, e-mails, and users with their e-mail. */
  static final String BOTH =
      "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM outbox), "
          + "(SELECT COUNT(*) FROM users JOIN outbox ON outbox.user_id = users.id)";

  @Parameter Engine engine;
  @TempDir Path directory;
  AppConfig.Store config;
  Database database;
  TestDatabase sql;
  SignupStore store;
  OutboxStore one;
  OutboxStore two;
  final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void open() throws Exception {
    config = engine.create(directory);
    database = Database.open(config, StoreListener.NONE);
    sql = new TestDatabase(config);
    store = TestDatabase.signups(database);
    one = database.outbox("one");
    two = database.outbox("two");
  }

  @AfterEach
  void close() throws Exception {
    clients.shutdownNow();
    sql.close();
    assertTrue(database.close(LONG), "the writer hangs");
    engine.drop(config);
  }

  static List<NewUser> numbered(int count) {
    List<NewUser> users = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      users.add(user("u" + i));
    }
    return users;
  }

  List<Future<Stored>> insertAtOnce(List<NewUser> users) {
    List<Future<Stored>> all = new ArrayList<>();
    for (NewUser user : users) {
      all.add(clients.submit(() -> store.insert(user)));
    }
    return all;
  }

  static Stored get(Future<Stored> future) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  void signUp(String... names) throws Exception {
    for (String name : names) {
      TestDatabase.signups(database).insert(user(name));
    }
  }

  /** As new, and claimed by the first owner. */
  void claimOne(String name) throws Exception {
    sql.execute(
        "UPDATE outbox SET state = 'due', due_at = 1, attempts = 0, owner = NULL, last_error = NULL"
            + " WHERE id = 'mail-"
            + name
            + "'");
    assertEquals(Set.of("mail-" + name), ids(one.claim(1, LEASE, OutboxStore.ANY_AGE)));
  }

  static boolean record(OutboxStore store, String name, Result verdict) throws Exception {
    var owned = new CompletableFuture<Boolean>();
    store.record("mail-" + name, verdict, owned::complete);
    return owned.get(20, TimeUnit.SECONDS);
  }

  /** What was claimed, without the moment at which it was stored. */
  static List<DueMail> undated(Claim claim) {
    return claim.mails().stream()
        .map(m ->
            new DueMail(
                m.id(), m.attempts(), m.unknowns(), m.kind(), m.email(), m.data(), m.trace(), 0))
        .toList();
  }

  static Set<String> ids(Claim claim) {
    Set<String> ids = new HashSet<>();
    claim.mails().forEach(mail -> assertTrue(ids.add(mail.id()), "twice in one claim: " + mail));
    return ids;
  }
}
