package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import lastcall.background.BackgroundScope;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.mail.SmtpPhase;
import lastcall.shutdown.Deadline;
import lastcall.store.Database;
import lastcall.store.DueMail;
import lastcall.store.StoreListener;
import lastcall.testing.Engine;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** An outbox on a database of its own, with a mailer that answers as it is told. */
@ParameterizedClass
@EnumSource
abstract class OutboxFixture {
  static final Duration LONG = Duration.ofSeconds(20);
  static final SmtpFailure FAILURE =
      new SmtpFailure(SmtpPhase.RCPT, 450, "4.2.1", "no", "recipient");
  static final SmtpFailure CLOSING =
      new SmtpFailure(SmtpPhase.RCPT, 421, "", "421 closing", "421 closing");
  static final SmtpFailure DISK_FULL =
      new SmtpFailure(SmtpPhase.DATA, 452, "4.3.1", "452 4.3.1 full", "452");
  static final SendOutcome SENT = new SendOutcome.Sent();
  static final AppConfig.Delivery CONFIG =
      new AppConfig.Delivery(
          8, LONG, 3, 5, Duration.ofHours(1), Duration.ofHours(1), DeliveryRate.NONE);

  @Parameter Engine engine;
  @TempDir Path directory;
  AppConfig.Store store;
  Database database;
  TestDatabase sql;
  BackgroundScope scope;
  Outbox outbox;
  final StubMailer mailer = new StubMailer();
  final List<DeliveryEvent> events = new CopyOnWriteArrayList<>();
  private final List<Throwable> uncaught = new CopyOnWriteArrayList<>();

  @BeforeEach
  void open() throws Exception {
    store = engine.create(directory);
    database = Database.open(store, StoreListener.NONE);
    sql = new TestDatabase(store);
    scope = new BackgroundScope("send", CONFIG.concurrency(), uncaught::add);
    outbox =
        new Outbox(CONFIG, AppConfig.Drain.DUE, database.outbox("me"), mailer, scope, events::add);
  }

  @AfterEach
  void close() throws Exception {
    outbox.stopDispatching(LONG);
    assertTrue(scope.close(LONG), "a send hangs");
    sql.close();
    assertTrue(database.close(LONG), "the writer hangs");
    engine.drop(store);
    assertEquals(List.of(), uncaught);
  }

  void signUp(String... names) throws Exception {
    for (String name : names) {
      TestDatabase.signups(database).insert(TestDatabase.user(name));
    }
  }

  /** As a sign-up that left its e-mail due. */
  static void wake(Outbox outbox) {
    outbox.ended(new DueMail("other", 1, 0, "welcome", "", "", null, 0), true);
  }

  void drain(AppConfig.Drain mode, Duration left) throws InterruptedException {
    outbox.drain(mode, Deadline.in(left), Deadline.in(LONG));
  }

  long count(Class<? extends DeliveryEvent> type) {
    return events.stream().filter(type::isInstance).count();
  }

  long changes(Class<? extends Gate.Change> type) {
    return events.stream()
        .filter(event ->
            event instanceof DeliveryEvent.MailServer(Gate.Change change)
                && type.isInstance(change))
        .count();
  }

  long ended(Class<? extends SendOutcome> outcome) {
    return events.stream()
        .filter(event ->
            event instanceof DeliveryEvent.Ended ended && outcome.isInstance(ended.outcome()))
        .count();
  }

  void awaitRecorded(int results) {
    TestDatabase.await(results + " results", () -> count(DeliveryEvent.Recorded.class) >= results);
  }

  static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS), "stuck");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** True once this much time has passed. */
  record Elapsed(Duration span, long began) implements BooleanSupplier {
    Elapsed(Duration span) {
      this(span, System.nanoTime());
    }

    @Override
    public boolean getAsBoolean() {
      return System.nanoTime() - began >= span.toNanos();
    }
  }

  Outbox outbox(Database from, AppConfig.Delivery config, DeliveryListener listener) {
    return new Outbox(config, AppConfig.Drain.DUE, from.outbox("me"), mailer, scope, listener);
  }

  void awaitMail(String row, String name) {
    TestDatabase.await(
        name + " is not \"" + row + "\"",
        () -> {
          try {
            return sql.mail(name).equals(row);
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });
  }
}
