package lastcall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.config.AppConfig;
import lastcall.store.OutboxStore;
import lastcall.store.Result;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class OutboxSearchTest extends AdminFixture {
  @Test
  void findsByStateIdAddressAgeAndReason() throws Exception {
    oneOfEach();
    List<String> all = List.of(State.values()).stream().map(State::word).toList();
    assertEquals(all, found(Filter.ALL));
    for (State state : State.values()) {
      assertEquals(List.of(state.word()), found(Filter.of(state)));
      assertEquals(state, admin.find(Filter.of(state), null, 9).mails().getFirst().state());
      assertEquals(
          List.of(state.word()),
          found(new Filter("mail-" + state.word(), null, state, Duration.ZERO, "NO_SUCH")));
      String address = state.word().toUpperCase(java.util.Locale.ROOT) + "@Example.org";
      assertEquals(List.of(state.word()), found(new Filter(null, address, state, null, null)));
    }
    assertEquals(List.of(), found(new Filter("mail-due", null, State.SENT, null, null)));
    assertEquals(List.of(), found(new Filter(null, "sent@example.org", State.DUE, null, null)));
    assertEquals(List.of(), found(new Filter(null, "nobody@example.org", null, null, null)));
    assertEquals(
        List.of(), found(new Filter("mail-due", "sent@example.org", null, null, null)), "both");
    assertEquals(
        List.of("unconfirmed", "cancelled"),
        found(new Filter(null, null, null, Duration.ofMinutes(7), null)));
    assertEquals(
        List.of(), found(new Filter(null, null, State.REFUSED, Duration.ofMinutes(7), null)));
    assertEquals(List.of("refused"), found(new Filter(null, null, null, null, "no_such refused")));
    assertEquals(List.of(), found(new Filter(null, null, null, null, "no%refused")));
  }

  @Test
  void findsWhatAUserWasToldLaterByTheAddress() throws Exception {
    oneOfEach();
    sql.execute("UPDATE users SET told_at = 5 WHERE id = 'id-sent'");
    sql.execute("UPDATE outbox SET user_id = 'id-sent', created_at = 5 WHERE id = 'mail-refused'");
    assertEquals(
        List.of("sent", "refused"), found(new Filter(null, "sent@example.org", null, null, null)));
  }

  /** A page ends in the middle of e-mails of the same millisecond, and none is left out. */
  @Test
  void aSearchGoesOnWhereThePageEnded() throws Exception {
    for (int i = 0; i < 7; i++) {
      TestDatabase.signups(database).insert(TestDatabase.user("u" + i));
    }
    sql.execute("UPDATE outbox SET created_at = 1000, ended_at = 2000, state = 'refused'");
    for (Filter filter : List.of(Filter.ALL, Filter.of(State.REFUSED))) {
      List<String> seen = new ArrayList<>();
      Mail.Cursor next = null;
      do {
        Mail.Page page = admin.find(filter, next, 3);
        page.mails().forEach(mail -> seen.add(mail.id()));
        next = page.next();
        assertEquals(next, Mail.Cursor.parse(next == null ? null : next.text()));
      } while (next != null);
      assertEquals(
          List.of("mail-u6", "mail-u5", "mail-u4", "mail-u3", "mail-u2", "mail-u1", "mail-u0"),
          seen);
    }
    assertNull(Mail.Cursor.parse("x:1"));
  }

  @Test
  void showsAnEmailWithItsAttempts() throws Exception {
    TestDatabase.signups(database).insert(TestDatabase.user("a"));
    outbox.claim(1, LEASE, OutboxStore.ANY_AGE);
    var done = new java.util.concurrent.CompletableFuture<Boolean>();
    outbox.record("mail-a", Result.refused("RCPT 550 no"), done::complete);
    assertTrue(done.get());
    sql.execute("UPDATE outbox SET traceparent = 'trace'");
    Mail.Details details = admin.show("mail-a");
    assertNotNull(details);
    Mail mail = details.mail();
    assertEquals(
        "id-a a@example.org welcome", mail.userId() + " " + mail.address() + " " + mail.kind());
    assertEquals(State.REFUSED, mail.state());
    assertEquals("RCPT 550 no trace", mail.reason() + " " + mail.traceparent());
    long ended = details.attempts().getFirst().endedAt(); // on PostgreSQL by a later statement
    assertEquals(
        List.of(new Mail.Attempt(1, 1, ended, "me", "refused", "RCPT 550 no")), details.attempts());
    assertTrue(mail.endedAt() != null && mail.endedAt() <= ended, "" + mail.endedAt());
    assertNull(admin.show("mail-b"));
    assertEquals("Mail[mail-a, REFUSED]", mail.toString());
  }

  /** Behind 20,000 rows that don't match there is one that does. */
  @Test
  void aSearchGoesOnBehindTheRowsThatDontMatch() throws Exception {
    fill(Queries.LOOKS + 5, "sent");
    sql.execute("UPDATE outbox SET last_error = 'odd' WHERE id = 'm-000000'");
    assertEquals(
        "m-000000",
        admin.find(new Filter(null, null, null, null, "odd"), null, 9).mails().getFirst().id());
    sql.execute("UPDATE outbox SET state = 'refused' WHERE id = 'm-000001'");
    assertEquals(
        new OutboxAdmin.Count(1, false),
        admin.changeAll(Action.RETRY, Filter.ALL, "ann", done -> true));
  }

  @Test
  void readingsTellWhatThereIs() throws Exception {
    assertEquals(0, admin.readings().due());
    assertNull(admin.readings().oldestDueAt());
    oneOfEach();
    admin.resume("ann"); // so that they are read anew
    Readings readings = admin.readings();
    for (State state : State.values()) {
      if (state != State.SENT) {
        assertEquals(1, readings.count(state), state.word());
      }
    }
    assertEquals(
        sql.row("SELECT created_at, due_at FROM outbox WHERE id = 'mail-due'"),
        readings.oldestCreatedAt() + " " + readings.oldestDueAt());
    assertEquals(0, readings.paused());
    admin.pause(Duration.ofHours(1), "ann");
    assertEquals(1, admin.readings().paused());
  }

  @Test
  void anOtherSchemaIsRefused() throws Exception {
    sql.execute("UPDATE schema_version SET version = 3");
    AdminException older = assertThrows(AdminException.class, () -> admin.readings());
    assertEquals(
        "the database has schema 3, this program knows 5; start the service of this version once, which brings it up to date",
        older.getMessage());
    sql.execute("UPDATE schema_version SET version = 6");
    assertThrows(AdminException.class, () -> admin.readings());
    sql.execute("UPDATE schema_version SET version = 5");
    assertEquals(0, admin.readings().due());
  }

  @Test
  void noDatabaseIsMade() throws Exception {
    AppConfig.Store none = AppConfig.Store.sqlite(directory.resolve("none.db"));
    try (OutboxAdmin nobody = new OutboxAdmin(none)) {
      AdminException e = assertThrows(AdminException.class, nobody::readings);
      assertEquals("there is no database yet; the service's first start makes it", e.getMessage());
      assertFalse(Files.exists(directory.resolve("none.db")));
      Files.createFile(directory.resolve("none.db"));
      assertThrows(AdminException.class, nobody::readings);
      assertEquals(0, Files.size(directory.resolve("none.db")));
    }
  }

  @Test
  void masksAddresses() {
    assertEquals("a…@e….org", Addresses.mask("ada@example.org"));
    assertEquals("a…@m….uk", Addresses.mask("a@mail.co.uk"));
    assertEquals("r…@l…", Addresses.mask("root@localhost"));
    assertEquals("…", Addresses.mask(""));
  }
}
