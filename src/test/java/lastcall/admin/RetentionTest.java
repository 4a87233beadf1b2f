package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import lastcall.config.AppConfig;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RetentionTest extends AdminFixture {
  private static final Duration DAY = Duration.ofDays(1);

  private Retention retention(int sent, int refused) {
    return new Retention(
        config, new AppConfig.Retention(DAY.multipliedBy(sent), DAY.multipliedBy(refused), DAY));
  }

  private void age(String name, int days) throws Exception {
    long age = DAY.multipliedBy(days).toMillis();
    sql.execute(
        "UPDATE outbox SET created_at = created_at - %1$s, ended_at = ended_at - %1$s WHERE id = 'mail-%2$s'"
            .formatted(age, name));
    sql.execute("INSERT INTO attempts VALUES ('mail-" + name + "', 1, 1, 5, 'i', 'due', 'x')");
  }

  private void hidden(String id, int days) throws Exception {
    sql.execute(
        "INSERT INTO hidden_signups VALUES ('%s', %s - %s, 'n', 'e', 'e', 'h', 'key-%s')"
            .formatted(id, sql.now(), DAY.multipliedBy(days).toMillis(), id));
  }

  private List<String> left(String column, String table) throws Exception {
    return sql.rows("SELECT " + column + " FROM " + table + " ORDER BY 1");
  }

  @Test
  void deletesWhatEndedLongAgoAndNothingElse() throws Exception {
    oneOfEach();
    for (State state : State.values()) {
      age(state.word(), 40);
    }
    TestDatabase.signups(database).insert(TestDatabase.user("young"));
    sql.execute(
        "UPDATE outbox SET state = 'sent', ended_at = " + sql.now() + " WHERE id = 'mail-young'");
    age("young", 29);
    hidden("old", 4000);
    retention(30, 180).runOnce();
    List<String> kept =
        List.of("cancelled", "claimed", "due", "exhausted", "later", "refused", "unconfirmed");
    assertEquals(
        kept.stream().map("mail-"::concat).toList(), left("id", "outbox WHERE id <> 'mail-young'"));
    assertEquals(left("id", "outbox"), left("mail_id", "attempts"));
    assertEquals(List.of("old"), left("id", "hidden_signups"), "or a repeat would tell it");
    Retention later = retention(30, 39);
    later.runOnce();
    assertEquals(
        List.of("mail-claimed", "mail-due", "mail-later", "mail-young"), left("id", "outbox"));
    assertEquals(left("id", "outbox"), left("mail_id", "attempts"));
    assertEquals(4, later.deleted());
    assertTrue(later.succeeded() > 0);
    assertEquals("9", sql.row("SELECT COUNT(*) FROM users"), "no user is deleted");
  }

  /** It counts from the end: a refused one may have been sent long after its sign-up. */
  @Test
  void whatWasStoredLongAgoAndEndedJustNowStays() throws Exception {
    oneOfEach();
    sql.execute("UPDATE outbox SET created_at = 1000");
    retention(1, 1).runOnce();
    assertEquals("8", sql.row("SELECT COUNT(*) FROM outbox"));
  }

  @Test
  void zeroKeepsForEver() throws Exception {
    oneOfEach();
    for (State state : State.values()) {
      age(state.word(), 4000);
    }
    retention(0, 0).runOnce();
    assertEquals("8", sql.row("SELECT COUNT(*) FROM outbox"));
    retention(1, 0).runOnce();
    assertEquals("7", sql.row("SELECT COUNT(*) FROM outbox"));
  }

  /** More rows than one look finds, with some between them that stay; two do it at once. */
  @Test
  void twoInstancesShareTheWork() throws Exception {
    int mails = Queries.LOOKS + 3_000;
    fill(mails, "sent");
    sql.execute("UPDATE outbox SET state = 'due', ended_at = NULL WHERE id LIKE '%77'");
    int due = Integer.parseInt(sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'due'"));
    assertTrue(due > 200);
    Retention one = retention(30, 0);
    Retention other = retention(30, 0);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<?> run :
          List.of(
              threads.submit(() -> {
                one.runOnce();
                return 0;
              }),
              threads.submit(() -> {
                other.runOnce();
                return 0;
              }))) {
        run.get();
      }
    }
    assertTrue(one.succeeded() > 0 && other.succeeded() > 0);
    // What one had locked, the other has skipped; the next run finds it.
    retention(30, 0).runOnce();
    assertEquals("" + due, sql.row("SELECT COUNT(*) FROM outbox"));
    assertEquals("" + due, sql.row("SELECT COUNT(*) FROM outbox WHERE state = 'due'"));
    assertTrue(one.deleted() + other.deleted() <= mails - due);
  }

  @Test
  void whatSomebodySendsAgainMeanwhileStays() throws Exception {
    oneOfEach();
    age("refused", 40);
    sql.execute("INSERT INTO attempts VALUES ('mail-refused', 2, 1, 5, 'i', 'due', 'x')");
    Filter refused = Filter.of(State.REFUSED);
    try (AdminConnection connection = new AdminConnection(config, OutboxAdmin.COMMAND)) {
      List<String> found = connection.read(s -> Queries.ids(s, refused, "", null, 9).ids());
      assertEquals(List.of("mail-refused"), found);
      admin.change(Action.RETRY, "mail-refused", "ann");
      long now = Long.parseLong(sql.row("SELECT " + sql.now()));
      int gone = connection.write(s -> Retention.delete(s, found, State.REFUSED, now));
      assertEquals(0, gone);
    }
    assertEquals("due null 0", sql.mail("refused"));
  }

  @Test
  void troubleIsToldOnceEachTimeItBegins() throws Exception {
    fill(500, "sent");
    AtomicInteger warnings = new AtomicInteger();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            if (line.getLevel().equals(Level.WARNING)) {
              warnings.incrementAndGet();
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(Retention.class.getName());
    logger.addHandler(handler);
    try {
      Retention retention = retention(30, 180);
      sql.refuse("DELETE ON outbox");
      retention.runOnce();
      retention.runOnce();
      assertEquals(1, warnings.get());
      assertEquals(0, retention.succeeded());
      assertEquals(0, retention.deleted());
      sql.allow("DELETE ON outbox");
      retention.runOnce();
      assertEquals(500, retention.deleted());
      assertTrue(retention.succeeded() > 0);
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void afterAStopNothingIsDeleted() throws Exception {
    fill(500, "sent");
    Retention retention = retention(30, 180);
    retention.stop();
    retention.runOnce();
    assertEquals("500", sql.row("SELECT COUNT(*) FROM outbox"));
    assertEquals(0, retention.succeeded());
  }
}
