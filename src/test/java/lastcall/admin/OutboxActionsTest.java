package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import lastcall.store.OutboxStore;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class OutboxActionsTest extends AdminFixture {
  @Test
  void sendsAgainWhatWasGivenUpOrWaits() throws Exception {
    oneOfEach();
    for (State state : State.values()) {
      OutboxAdmin.Outcome outcome = admin.change(Action.RETRY, "mail-" + state.word(), "ann");
      String row =
          sql.mail(state.word())
              + " "
              + sql.row(
                  "SELECT unknowns, ended_at FROM outbox WHERE id = 'mail-" + state.word() + "'");
      switch (state) {
        case DUE, CLAIMED, SENT -> assertInstanceOf(OutboxAdmin.Outcome.NotPossible.class, outcome);
        case LATER -> assertEquals("due null 3 1 null", row);
        case REFUSED, EXHAUSTED, UNCONFIRMED, CANCELLED -> assertEquals("due null 0 0 null", row);
      }
    }
    assertEquals(
        new OutboxAdmin.Outcome.NotPossible("it is sent; nothing sends it a second time"),
        admin.change(Action.RETRY, "mail-sent", "ann"));
    assertInstanceOf(OutboxAdmin.Outcome.NoSuchMail.class, admin.change(Action.RETRY, "x", "ann"));
    assertEquals("due me 3", sql.mail("claimed"));
    assertEquals(6, admin.readings().due());
    assertEquals(6, outbox.claim(9, LEASE, OutboxStore.ANY_AGE).mails().size());
  }

  /** Or the next failure would count as another try of the first attempt, long ago. */
  @Test
  void theHistoryBeginsAnewWithTheNumbersOfTheAttempts() throws Exception {
    oneOfEach();
    for (State state : State.values()) {
      String mail = "'mail-" + state.word() + "'";
      for (int attempt = 1; attempt <= 2; attempt++) {
        sql.execute(
            "INSERT INTO attempts VALUES (" + mail + ", " + attempt + ", 1, 5, 'i', 'due', 'x')");
      }
      admin.change(Action.RETRY, "mail-" + state.word(), "ann");
      String left = sql.row("SELECT COUNT(*) FROM attempts WHERE mail_id = " + mail);
      boolean anew =
          switch (state) {
            case DUE, CLAIMED, SENT, LATER -> false;
            case REFUSED, EXHAUSTED, UNCONFIRMED, CANCELLED -> true;
          };
      assertEquals(anew ? "0" : "2", left, state::word);
    }
  }

  @Test
  void cancelsWhatIsDueAndNobodys() throws Exception {
    oneOfEach();
    sql.execute("UPDATE outbox SET owner = 'dead' WHERE id = 'mail-due'"); // its lease has ended
    assertEquals(new OutboxAdmin.Count(2, false), admin.count(Action.CANCEL, Filter.ALL, 100));
    assertEquals(
        new OutboxAdmin.Count(2, false),
        admin.changeAll(Action.CANCEL, Filter.ALL, "ann", done -> true));
    assertEquals("cancelled null 3", sql.mail("due"));
    assertEquals("cancelled null 3", sql.mail("later"));
    assertEquals("due me 3", sql.mail("claimed"));
    assertEquals(
        new OutboxAdmin.Outcome.NotPossible(
            "it is being sent just now; try again when that has ended"),
        admin.change(Action.CANCEL, "mail-claimed", "ann"));
    assertEquals(List.of(), outbox.claim(9, LEASE, OutboxStore.ANY_AGE).mails());
    assertEquals(3, admin.readings().cancelled());
  }

  /** More than one transaction, and only those that match. */
  @Test
  void changesAllThatMatchInBatches() throws Exception {
    fill(1101, "refused");
    sql.execute("UPDATE outbox SET last_error = 'RCPT 550 full' WHERE id = 'm-000007'");
    Filter full = new Filter(null, null, State.REFUSED, null, "full");
    assertEquals(new OutboxAdmin.Count(1, false), admin.count(Action.RETRY, full, 100));
    assertEquals(
        new OutboxAdmin.Count(1, false), admin.changeAll(Action.RETRY, full, "ann", done -> true));
    Filter refused = Filter.of(State.REFUSED);
    assertEquals(new OutboxAdmin.Count(1100, false), admin.count(Action.RETRY, refused, 5000));
    assertEquals(new OutboxAdmin.Count(100, true), admin.count(Action.RETRY, refused, 100));
    List<Long> progress = new ArrayList<>();
    assertEquals(
        new OutboxAdmin.Count(1100, false),
        admin.changeAll(Action.RETRY, refused, "ann", progress::add));
    assertEquals(List.of(200L, 400L, 600L, 800L, 1000L, 1100L), progress);
    assertEquals(
        new OutboxAdmin.Count(0, false),
        admin.changeAll(Action.RETRY, refused, "ann", done -> true));
    assertEquals(1101, admin.readings().due());
  }

  @Test
  void pausesAndResumes() throws Exception {
    TestDatabase.signups(database).insert(TestDatabase.user("a"));
    assertNull(admin.pause());
    admin.pause(Duration.ofHours(1), "ann");
    Pause pause = admin.pause(null, "bob");
    assertNull(pause.end());
    assertEquals(pause, admin.pause());
    assertEquals("bob", pause.by());
    assertEquals(List.of(), outbox.claim(9, LEASE, OutboxStore.ANY_AGE).mails());
    assertTrue(admin.resume("ann"));
    assertFalse(admin.resume("ann"));
    assertNull(admin.pause());
    Instant end = admin.pause(Duration.ofHours(1), "ann").end();
    assertNotNull(end);
    assertEquals(end.toEpochMilli(), Long.parseLong(sql.row("SELECT paused_until FROM pause")));
    sql.execute("UPDATE pause SET paused_until = 1");
    assertEquals(1, outbox.claim(9, LEASE, OutboxStore.ANY_AGE).mails().size());
  }
}
