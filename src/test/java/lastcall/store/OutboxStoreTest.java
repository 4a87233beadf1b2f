package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import lastcall.testing.Engine;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class OutboxStoreTest extends StoreFixture {
  private static final String ENDED = "SELECT last_error, ended_at IS NOT NULL FROM outbox";

  @Test
  void claimsTheOldestAndCountsTheAttempt() throws Exception {
    signUp("a", "b", "c");
    sql.execute(
        "UPDATE outbox SET due_at = CASE id WHEN 'mail-c' THEN 1 WHEN 'mail-a' THEN 2 ELSE 3 END");
    assertEquals(Set.of("mail-c", "mail-a"), ids(one.claim(2, LEASE, OutboxStore.ANY_AGE)));
    assertEquals("due one 1", sql.mail("c"));
    assertEquals("due null 0", sql.mail("b"));
    Claim rest = one.claim(2, LEASE, OutboxStore.ANY_AGE);
    assertEquals(
        List.of(new DueMail("mail-b", 1, 0, "welcome", "b@example.org", "b", null, 0)),
        undated(rest));
    assertEquals(Duration.ofDays(1), rest.untilNext(), "its own it does not claim again");
    long next = two.claim(9, LEASE, OutboxStore.ANY_AGE).untilNext().toMillis();
    assertTrue(next > 0 && next <= LEASE.toMillis(), "the first lease's end, and " + next);
    assertEquals(new Pending(0, 3, 0), one.pending(OutboxStore.ANY_AGE, 100));
  }

  @Test
  void tellsWhenTheSignUpWasStored() throws Exception {
    signUp("a");
    sql.execute("UPDATE outbox SET created_at = created_at - 3600000");
    DueMail mail = one.claim(1, LEASE, OutboxStore.ANY_AGE).mails().getFirst();
    long minutes = Duration.ofNanos(System.nanoTime() - mail.storedAt()).toMinutes();
    assertTrue(minutes >= 60 && minutes < 120, minutes + " minutes ago");
  }

  @Test
  void untilNextTellsOfMoreAndOfNothing() throws Exception {
    assertEquals(Duration.ofDays(1), one.claim(9, LEASE, OutboxStore.ANY_AGE).untilNext());
    signUp("a", "b");
    assertEquals(Duration.ZERO, one.claim(1, LEASE, OutboxStore.ANY_AGE).untilNext());
  }

  @Test
  void rowsCreatedLaterAreNeitherClaimedNorCounted() throws Exception {
    signUp("a", "b");
    sql.execute("UPDATE outbox SET created_at = created_at - 60000 WHERE id = 'mail-a'");
    long then = one.now() - 30_000;
    assertEquals(new Pending(1, 0, 0), one.pending(then, 100));
    assertEquals(Set.of("mail-a"), ids(one.claim(9, LEASE, then)));
  }

  @Test
  @Proves("P4")
  void noTwoOwnersClaimOneRow() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Set<String> all = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      signUp("n" + i);
      all.add("mail-n" + i);
    }
    List<Future<List<String>>> owners = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        OutboxStore owner = database.outbox("owner-" + i);
        int max = 1 + random.nextInt(20);
        owners.add(
            threads.submit(() -> {
              List<String> mine = new ArrayList<>();
              Set<String> claimed = ids(owner.claim(max, LEASE, OutboxStore.ANY_AGE));
              while (!claimed.isEmpty()) {
                mine.addAll(claimed);
                claimed = ids(owner.claim(max, LEASE, OutboxStore.ANY_AGE));
              }
              return mine;
            }));
      }
    }
    List<String> claimed = new ArrayList<>();
    for (Future<List<String>> owner : owners) {
      claimed.addAll(owner.get());
    }
    assertEquals(300, claimed.size(), "seed " + seed);
    assertEquals(all, new HashSet<>(claimed), "seed " + seed);
  }

  @Test
  void eachResultLeavesItsRow() throws Exception {
    signUp("a");
    claimOne("a");
    assertTrue(record(one, "a", SENT));
    assertEquals("sent null 1 null 1", sql.mail("a") + " " + sql.row(ENDED));
    claimOne("a");
    assertTrue(record(one, "a", Result.refused("RCPT 550")));
    assertEquals("refused null 1 RCPT 550 1", sql.mail("a") + " " + sql.row(ENDED));
    claimOne("a");
    assertTrue(record(one, "a", Result.exhausted("RCPT 450")));
    assertEquals("exhausted null 1 RCPT 450 1", sql.mail("a") + " " + sql.row(ENDED));
    claimOne("a");
    assertTrue(record(one, "a", Result.again(LEASE, "later")));
    assertEquals("due null 1 later 0", sql.mail("a") + " " + sql.row(ENDED));
    assertEquals(new Pending(0, 0, 1), one.pending(OutboxStore.ANY_AGE, 100));
    claimOne("a");
    assertTrue(record(one, "a", Result.givenBack(Duration.ZERO, "server")));
    assertEquals("due null 0", sql.mail("a"));
    assertEquals(new Pending(1, 0, 0), one.pending(OutboxStore.ANY_AGE, 100));
  }

  @Test
  void whoseLeaseHasEndedCountsForNothing() throws Exception {
    signUp("a");
    claimOne("a");
    sql.execute("UPDATE outbox SET due_at = due_at - " + LEASE.toMillis());
    assertEquals(2, two.claim(1, LEASE, OutboxStore.ANY_AGE).mails().getFirst().attempts());
    assertEquals(List.of(), one.extend(List.of("mail-a"), LEASE));
    assertFalse(record(one, "a", SENT));
    assertEquals("due two 2", sql.mail("a"));
    assertEquals(0, one.release(() -> Set.of("mail-a")));
    assertEquals("due two 2", sql.mail("a"));
    assertTrue(record(two, "a", SENT));
    assertFalse(record(two, "a", Result.again(Duration.ZERO, "")), "a second result");
    assertEquals("sent null 2", sql.mail("a"));
  }

  @Test
  void heartbeatExtendsOnlyItsOwn() throws Exception {
    signUp("a", "b", "c");
    claimOne("a");
    two.claim(1, LEASE, OutboxStore.ANY_AGE); // b or c: created in one millisecond, perhaps
    String others = sql.row("SELECT id, due_at FROM outbox WHERE id <> 'mail-a' ORDER BY id");
    sql.execute("UPDATE outbox SET due_at = 5 WHERE id = 'mail-a'");
    assertEquals(List.of("mail-a"), one.extend(List.of("mail-a", "mail-b", "mail-c", "x"), LEASE));
    assertEquals(others, sql.row("SELECT id, due_at FROM outbox WHERE id <> 'mail-a' ORDER BY id"));
    assertEquals("1", sql.row("SELECT COUNT(*) FROM outbox WHERE owner = 'one' AND due_at > 5"));
  }

  @Test
  void releaseTakesAttemptsBackButNotOfUnknownOnes() throws Exception {
    signUp("a", "b", "c");
    sql.execute("UPDATE outbox SET due_at = due_at + 60000 WHERE id = 'mail-c'");
    assertEquals(2, one.claim(9, LEASE, OutboxStore.ANY_AGE).mails().size());
    assertEquals(1, one.release(() -> Set.of("mail-b")));
    assertEquals(new Pending(1, 0, 2), one.pending(OutboxStore.ANY_AGE, 100));
    assertEquals("due null 0", sql.mail("a"));
    assertEquals("due null 1", sql.mail("b"));
    assertEquals(new Pending(1, 0, 2), two.pending(OutboxStore.ANY_AGE, 100));
    assertFalse(record(one, "b", SENT), "released: nobody's");
  }

  @Test
  @Proves("P4")
  void recoverFreesOtherOwnersRowsAndKeepsTheirAttempts() throws Exception {
    signUp("a", "b");
    claimOne("a");
    two.claim(1, LEASE, OutboxStore.ANY_AGE);
    boolean shared = engine == Engine.POSTGRES; // others live: their rows wait for the lease
    assertEquals(shared ? 0 : 1, two.recover(false));
    assertEquals(shared ? "due one 1" : "due null 1", sql.mail("a"));
    assertEquals("due two 1", sql.mail("b"));
    sql.execute("UPDATE outbox SET due_at = 1 WHERE id = 'mail-a'");
    assertEquals(2, two.claim(9, LEASE, OutboxStore.ANY_AGE).mails().getFirst().attempts());
  }

  /** Its release could not be committed, since the disk was slow: nobody worked on these. */
  @Test
  @Proves("P9")
  void recoverAfterAStopTakesTheAttemptsBack() throws Exception {
    signUp("a");
    claimOne("a");
    boolean shared = engine == Engine.POSTGRES;
    assertEquals(shared ? 0 : 1, two.recover(true));
    assertEquals(shared ? "due one 1" : "due null 0", sql.mail("a"));
  }

  @Test
  void countsGoUpToTheirCap() throws Exception {
    signUp("a", "b", "c");
    assertEquals(new Pending(2, 0, 0), one.pending(OutboxStore.ANY_AGE, 2));
    assertTrue(one.anyDue(LEASE, OutboxStore.ANY_AGE));
    one.claim(9, LEASE, OutboxStore.ANY_AGE);
    assertEquals(new Pending(0, 2, 0), one.pending(OutboxStore.ANY_AGE, 2));
    assertFalse(one.anyDue(LEASE, OutboxStore.ANY_AGE));
  }

  /** A result that comes back from the queue must find its row as it left it. */
  @Test
  @Proves("P9")
  void giveBackSparesWhatHasATask() throws Exception {
    signUp("a", "b", "c");
    claimOne("a");
    claimOne("b");
    two.claim(1, LEASE, OutboxStore.ANY_AGE);
    var asked = new AtomicReference<>("");
    Supplier<Set<String>> live =
        () -> {
          asked.set(Thread.currentThread().getName());
          return Set.of("mail-b", "mail-x");
        };
    assertEquals(1, one.giveBack(live));
    assertEquals("database-writer", asked.get(), "or a new e-mail would look like a stray");
    assertEquals("due null 0", sql.mail("a"));
    assertEquals("due one 1", sql.mail("b"));
    assertEquals("due two 1", sql.mail("c"));
  }

  /** Its task still decides, although the heartbeat could not extend the lease. */
  @Test
  @Proves("P9")
  void anOwnerDoesNotClaimItsOwnAgain() throws Exception {
    signUp("a");
    claimOne("a");
    sql.execute("UPDATE outbox SET due_at = 1");
    Claim none = one.claim(1, LEASE, OutboxStore.ANY_AGE);
    assertEquals(Set.of(), ids(none));
    assertEquals(Duration.ofDays(1), none.untilNext(), "nothing is due for it");
    assertEquals("due one 1", sql.mail("a"));
  }
}
