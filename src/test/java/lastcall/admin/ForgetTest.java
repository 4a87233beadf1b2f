package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lastcall.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ForgetTest extends AdminFixture {
  private static final Set<String> ADA = Forget.keys("Ada@example.org", " ADA@Example.org ");

  private static Forget.@Nullable Rows none() {
    return new Forget.Rows(0, 0, 0, 0);
  }

  private String left() throws Exception {
    return sql.row(
        "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM outbox),"
            + " (SELECT COUNT(*) FROM attempts), (SELECT COUNT(*) FROM hidden_signups)");
  }

  private void more(String id, String user, String recipient, String state, long createdAt)
      throws Exception {
    sql.execute(
        "INSERT INTO outbox (id, user_id, created_at, state, due_at, attempts, recipient, kind)"
            + " VALUES ('%s', '%s', %d, '%s', 1, 1, %s, 'taken')"
                .formatted(id, user, createdAt, state, recipient));
    sql.execute("INSERT INTO attempts VALUES ('" + id + "', 1, 1, 5, 'i', 'due', 'x')");
  }

  @Test
  void deletesAllThatNamesThePersonAndNobodyElse() throws Exception {
    for (String name : new String[] {"ada", "bob", "adam"}) {
      TestDatabase.signups(database).insert(TestDatabase.user(name));
      sql.execute("INSERT INTO attempts VALUES ('mail-" + name + "', 1, 1, 5, 'i', 'due', 'x')");
      sql.execute(
          "INSERT INTO hidden_signups VALUES ('%1$s', 1, 'n', 'e', '%1$s@example.org', 'h', 'k%1$s')"
              .formatted(name));
    }
    more("later", "id-ada", "NULL", "refused", 1000); // as older versions stored it
    more("other", "id-gone", "'ADA@example.org'", "sent", Long.MAX_VALUE - 1);
    Forget.Rows all = new Forget.Rows(1, 3, 3, 1);
    try (Forget forget = new Forget(config)) {
      assertEquals(all, forget.find(ADA));
      assertEquals("3 5 5 3", left(), "a dry run changes nothing");
      assertEquals(all, forget.delete(ADA, Duration.ZERO));
      assertTrue(forget.clearLog());
      assertEquals("2 2 2 2", left());
      assertEquals("bob\nadam", sql.row("SELECT name FROM users ORDER BY name DESC"));
      assertEquals(none(), forget.delete(ADA, Duration.ZERO));
      assertEquals(none(), forget.find(ADA));
    }
    TestDatabase.signups(database).insert(TestDatabase.user("ada")); // may sign up again
  }

  @Test
  void anEmailThatIsBeingSentIsWaitedForAndNothingIsHalfDone() throws Exception {
    TestDatabase.signups(database).insert(TestDatabase.user("ada"));
    more("first", "id-ada", "NULL", "refused", 1000);
    sql.execute(
        "UPDATE outbox SET owner = 'me', due_at = %s + 60000 WHERE id = 'mail-ada'"
            .formatted(sql.now()));
    try (Forget forget = new Forget(config);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertNull(forget.delete(ADA, Duration.ZERO));
      assertEquals("1 2 1 0", left());
      Future<Forget.@Nullable Rows> waits =
          threads.submit(() -> forget.delete(ADA, Duration.ofSeconds(60)));
      sql.execute("UPDATE outbox SET owner = NULL, state = 'sent' WHERE id = 'mail-ada'");
      assertEquals(new Forget.Rows(1, 2, 1, 0), waits.get());
      assertEquals("0 0 0 0", left());
    }
  }

  /** Of a process that is gone: its lease has ended, and the e-mail is anybody's. */
  @Test
  void aLeaseThatHasEndedHoldsNothingUp() throws Exception {
    TestDatabase.signups(database).insert(TestDatabase.user("ada"));
    sql.execute("UPDATE outbox SET owner = 'dead', due_at = 1000");
    try (Forget forget = new Forget(config)) {
      assertEquals(new Forget.Rows(1, 1, 0, 0), forget.delete(ADA, Duration.ZERO));
    }
  }

  @Test
  void findsOneAmongMoreThanOneLookReads() throws Exception {
    TestDatabase.signups(database).insert(TestDatabase.user("ada"));
    sql.execute("UPDATE outbox SET created_at = 5");
    fill(Queries.LOOKS + 10, "sent");
    try (Forget forget = new Forget(config)) {
      assertEquals(new Forget.Rows(1, 1, 0, 0), forget.delete(ADA, Duration.ZERO));
    }
  }
}
