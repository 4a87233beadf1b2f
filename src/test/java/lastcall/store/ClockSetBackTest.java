package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import lastcall.config.DeliveryRate;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No e-mail waits for a clock to catch up. The clock that is set back is the database's. */
@Timeout(60)
final class ClockSetBackTest extends StoreFixture {
  private static final long HOUR = Duration.ofHours(1).toMillis();

  @Test
  @Proves("P1")
  void whatWasStoredByAFastClockIsDueAtTheStart() throws Exception {
    signUp("stored", "put-off", "waits");
    sql.execute(
        "UPDATE outbox SET created_at = created_at + %1$d, due_at = due_at + %1$d".formatted(HOUR));
    sql.execute("UPDATE outbox SET created_at = 1 WHERE id <> 'mail-stored'");
    sql.execute("UPDATE outbox SET due_at = due_at + 1 WHERE id = 'mail-put-off'");
    sql.execute("UPDATE outbox SET due_at = due_at - 600000 WHERE id = 'mail-waits'");
    one.limits(Duration.ofMillis(HOUR - 60_000), DeliveryRate.NONE);
    long now = one.now();
    assertEquals(new ClockStep(0, 2), one.claim(9, LEASE, now).step());
    Claim claim = one.claim(9, LEASE, now);
    assertEquals(Set.of("mail-stored", "mail-put-off"), ids(claim));
    assertNull(claim.step(), "once");
    assertEquals("due null 0", sql.mail("waits"));
  }

  @Test
  @Proves("P1")
  void whatWaitsOnlyForTheClockIsDueWhenItIsSetBack() throws Exception {
    var ahead = new AtomicLong(HOUR);
    Dialect dialect = new Dialects.Ahead(Dialect.of(config), ahead);
    var writer = new GroupCommit(new WriterConnection(dialect), StoreListener.NONE);
    try {
      OutboxStore fast = new OutboxStore(writer, dialect, "fast");
      fast.limits(Duration.ofMinutes(30), DeliveryRate.NONE);
      SignupStore signups =
          new SignupStore(writer, "", LEASE, new TestDatabase.NoClaims(false), false);
      signups.insert(user("leased"));
      new OutboxStore(writer, dialect, "dead").claim(1, LEASE, OutboxStore.ANY_AGE);
      signups.insert(user("a"));
      assertEquals(Set.of(), ids(fast.claim(0, LEASE, OutboxStore.ANY_AGE)));
      ahead.set(0);
      assertTrue(fast.anyDue(LEASE, OutboxStore.ANY_AGE), "a closed gate does not hide the step");
      ahead.set(HOUR);
      assertNull(fast.claim(0, LEASE, OutboxStore.ANY_AGE).step(), "forward is no step");
      sql.execute(
          "UPDATE outbox SET created_at = created_at + %1$d, due_at = due_at + %1$d WHERE owner IS NULL"
              .formatted(HOUR));
      ahead.set(0);
      long now = fast.now(); // of a drain that begins before the step is seen
      ClockStep step = Objects.requireNonNull(fast.claim(9, LEASE, now).step());
      assertEquals(Set.of("mail-a"), ids(fast.claim(9, LEASE, now)));
      assertEquals(1, step.mails());
      assertTrue(step.backMillis() > HOUR - 60_000, step::toString);
      String lease = "SELECT due_at <= %s + %d FROM outbox WHERE id = 'mail-leased'";
      assertEquals("1", sql.row(lease.formatted(sql.now(), LEASE.toMillis())));
      assertEquals("due dead 1", sql.mail("leased"));
    } finally {
      assertTrue(writer.close(LONG));
    }
  }
}
