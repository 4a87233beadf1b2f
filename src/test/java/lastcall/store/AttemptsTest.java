package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people can read later of each try that did not end as sent. */
@Timeout(60)
final class AttemptsTest extends StoreFixture {
  private static final String ATTEMPTS =
      "SELECT attempt, tries, owner, state, reason FROM attempts ORDER BY mail_id, attempt";

  /** Greylisted, then trouble of the server twice, then sent by another instance. */
  @Test
  void eachTryThatFailedHasItsRow() throws Exception {
    signUp("a", "b");
    claimOne("a");
    assertTrue(record(one, "a", Result.again(Duration.ZERO, "RCPT 451 4.7.1 greylisted")));
    for (int i = 0; i < 2; i++) {
      claim(one);
      assertTrue(record(one, "a", Result.givenBack(Duration.ZERO, "DATA 452 full")));
    }
    claim(two);
    assertTrue(record(two, "a", Result.unknown(Duration.ZERO, "DOT timed out")));
    claim(two);
    assertTrue(record(two, "a", SENT));
    assertEquals(
        List.of("1 1 one due RCPT 451 4.7.1 greylisted", "2 3 two due DOT timed out"),
        sql.rows(ATTEMPTS),
        "trouble of the server counts no attempt, so the next try has its number");
    assertEquals("sent null 3", sql.mail("a"));
    assertEquals("0", sql.row("SELECT COUNT(*) FROM attempts WHERE ended_at <= 1000"));
  }

  private void claim(OutboxStore owner) throws Exception {
    sql.execute("UPDATE outbox SET due_at = CASE id WHEN 'mail-a' THEN 1 ELSE 2 END");
    assertEquals(Set.of("mail-a"), ids(owner.claim(1, LEASE, OutboxStore.ANY_AGE)));
  }

  @Test
  void whoHasLostTheRowWritesNoAttempt() throws Exception {
    signUp("a");
    claimOne("a");
    sql.execute("UPDATE outbox SET last_error = 'old', due_at = due_at - " + LEASE.toMillis());
    two.claim(1, LEASE, OutboxStore.ANY_AGE);
    assertFalse(record(one, "a", Result.refused("RCPT 550 no")));
    assertEquals(List.of(), sql.rows(ATTEMPTS));
    assertTrue(record(two, "a", Result.refused("RCPT 550 never")));
    assertEquals(List.of("2 1 two refused RCPT 550 never"), sql.rows(ATTEMPTS));
  }

  /** As it is stored when the database refuses its text. */
  @Test
  void aResultWithoutReasonHasNone() throws Exception {
    signUp("a");
    claimOne("a");
    assertTrue(record(one, "a", Result.refused("RCPT 550").withoutReason()));
    assertEquals(List.of(), sql.rows(ATTEMPTS));
  }
}
