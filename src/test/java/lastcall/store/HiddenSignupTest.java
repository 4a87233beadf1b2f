package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Future;
import lastcall.testing.Engine;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** signup.taken-address=hide: what a stranger is told about an address, and what its owner is. */
@Timeout(120)
final class HiddenSignupTest extends StoreFixture {
  private static final String TOLD =
      "SELECT COUNT(*) FROM outbox WHERE kind = 'already-registered'";
  private static final String HIDDEN = "SELECT COUNT(*) FROM hidden_signups";

  @BeforeEach
  void hide() {
    store = hiding(database);
  }

  private static SignupStore hiding(Database database) {
    return database.signups("", Duration.ZERO, new TestDatabase.NoClaims(false), true);
  }

  /** Somebody who types this name and the address of that user. */
  private static NewUser stranger(String id, String of, String key) {
    String address = of + "@example.org";
    return new NewUser(
        "id-" + id,
        "Mallory",
        address.toUpperCase(Locale.ROOT),
        address,
        "h",
        key,
        "mail-" + id,
        null);
  }

  /** What the client is told, whether it is true or made up. */
  private static Stored.Accepted told(Stored stored) {
    return stored instanceof Stored.Hidden(Stored.Accepted asNew)
        ? asNew
        : assertInstanceOf(Stored.Accepted.class, stored);
  }

  private Stored.Accepted accepted(NewUser user) throws Exception {
    Stored.Accepted told = told(store.insert(user));
    assertEquals(user.id() + user.name() + user.email(), told.id() + told.name() + told.email());
    return told;
  }

  @Test
  void itIsAnsweredAsNewAndItsOwnerIsToldOnceADay() throws Exception {
    long created = accepted(user("ann")).createdAt();
    for (int i = 0; i < 50; i++) {
      assertTrue(accepted(stranger("x" + i, "ann", null)).createdAt() >= created);
    }
    assertEquals("1 1", sql.row("SELECT COUNT(*), COUNT(told_at) FROM users"));
    String mail =
        "SELECT id, user_id, recipient, data, state, owner, attempts FROM outbox"
            + " WHERE kind = 'already-registered' ORDER BY created_at DESC, id DESC LIMIT 1";
    assertEquals("mail-x0 id-ann ann@example.org ann due null 0", sql.row(mail));
    assertEquals("1", sql.row(TOLD));
    assertEquals("0", sql.row(HIDDEN), "without a key nothing stays of a stranger");
    sql.execute("UPDATE users SET told_at = told_at - 86300000");
    accepted(stranger("y", "ann", null));
    assertEquals("1", sql.row(TOLD), "a day is not over");
    sql.execute("UPDATE users SET told_at = told_at - 100000");
    accepted(stranger("z", "ann", null));
    assertEquals("2", sql.row(TOLD));
  }

  /** The same key means the same to a real sign-up as to a hidden one. */
  @Test
  void aKeyDoesNotTellWhichOfTheTwoItWas() throws Exception {
    accepted(user("ann"));
    for (String address : List.of("ann", "new")) {
      String key = "key-" + address;
      NewUser first = stranger("1-" + address, address, key);
      Stored.Accepted answer = accepted(first);
      Stored.Repeated same = new Stored.Repeated(answer, "h");
      assertEquals(same, store.insert(stranger("2-" + address, address, key)));
      assertEquals(same, store.insert(stranger("2b-" + address, address, key)));
      for (String other : List.of("ann", "new", "free")) {
        if (!other.equals(address)) {
          NewUser wrong = stranger("3-" + address + other, other, key);
          assertEquals(new Stored.KeyReused(), store.insert(wrong), address + " then " + other);
        }
      }
      NewUser renamed =
          new NewUser("r", "M", first.email(), first.emailKey(), "h", key, "mail-r", null);
      assertEquals(new Stored.KeyReused(), store.insert(renamed));
    }
    assertEquals("1", sql.row(HIDDEN), "what real sign-ups have reserved is given back");
    assertEquals("id-1-ann Mallory", sql.row("SELECT id, name FROM hidden_signups"));
    assertEquals("2", sql.row("SELECT COUNT(*) FROM users"));
    assertEquals(
        new Stored.Repeated(
            new Stored.Accepted("id-1-ann", created(), "Mallory", "ANN@EXAMPLE.ORG"), "h"),
        TestDatabase.signups(database).insert(stranger("4", "ann", "key-ann")),
        "also after the change back to tell");
    assertEquals(
        new Stored.AddressTaken(),
        TestDatabase.signups(database).insert(stranger("5", "ann", "k")));
  }

  private long created() throws Exception {
    return Long.parseLong(sql.row("SELECT created_at FROM hidden_signups"));
  }

  /** In one group commit, too: all are queued before the writer is let go. */
  @Test
  void anAddressThatRacesWithItselfIsOneUserAndNobodyIsToldWhoItWas() throws Exception {
    sql.lock();
    List<Future<Stored>> blocker = insertAtOnce(List.of(user("first")));
    List<NewUser> users = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      users.add(stranger("a" + i, "ann", null));
      users.add(stranger("b" + i, "bob", "key-" + i % 5));
    }
    List<Future<Stored>> all = insertAtOnce(users);
    sql.unlock();
    get(blocker.getFirst());
    int repeated = 0;
    for (Future<Stored> one : all) {
      if (get(one) instanceof Stored.Repeated) {
        repeated++;
      } else {
        told(get(one));
      }
    }
    assertEquals(15, repeated, "five keys, four times each");
    assertEquals("3", sql.row("SELECT COUNT(*) FROM users"));
    assertEquals("3", sql.row("SELECT COUNT(*) FROM outbox WHERE kind = 'welcome'"));
    assertEquals("2", sql.row(TOLD));
    assertEquals("4", sql.row(HIDDEN));
  }

  /** On a group that wrote nothing the commit would not wait for the disk, and be quicker. */
  @Test
  void eachWritesSomething() throws Exception {
    accepted(user("ann"));
    accepted(stranger("1", "ann", "key"));
    // What another connection sees of writes: none is counted for a transaction that only reads.
    String writes =
        engine == Engine.SQLITE
            ? "PRAGMA data_version"
            : "SELECT pg_snapshot_xmax(pg_current_snapshot())";
    for (NewUser next :
        List.of(
            user("new"),
            stranger("2", "ann", null),
            stranger("3", "ann", "key"),
            stranger("4", "bob", "key"))) {
      String before = sql.row(writes);
      store.insert(next);
      assertNotEquals(before, sql.row(writes), next.id());
    }
  }

  /** One key at several instances, for a free and a taken address: it belongs to one sign-up. */
  @Test
  void aKeyBelongsToOneSignupWhicheverInstanceStoresIt() throws Exception {
    assumeTrue(engine == Engine.POSTGRES, "SQLite has one instance");
    accepted(user("taken"));
    Database other = Database.open(config, StoreListener.NONE);
    try {
      long seed = new Random().nextLong();
      List<NewUser> users = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        users.add(stranger("t" + i, "taken", "key-" + i));
        users.add(stranger("f" + i, "free" + i, "key-" + i));
      }
      Collections.shuffle(users, new Random(seed));
      SignupStore second = hiding(other);
      List<Future<Stored>> all = new ArrayList<>();
      for (int i = 0; i < users.size(); i++) {
        NewUser user = users.get(i);
        SignupStore one = i % 2 == 0 ? store : second;
        all.add(clients.submit(() -> one.insert(user)));
      }
      int accepted = 0;
      for (Future<Stored> one : all) {
        if (!get(one).equals(new Stored.KeyReused())) {
          told(get(one));
          accepted++;
        }
      }
      assertEquals(50, accepted, "seed " + seed);
      assertEquals(
          "51",
          sql.row("SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM hidden_signups)"));
      assertEquals(
          "0",
          sql.row(
              "SELECT COUNT(*) FROM users JOIN hidden_signups h ON"
                  + " users.idempotency_key = h.idempotency_key"));
      assertEquals("1", sql.row(TOLD));
    } finally {
      assertTrue(other.close(LONG), "the writer hangs");
    }
  }

  /** The slot was taken for a new user, and then another instance had stored the address first. */
  @Test
  void aSlotTakenInAGroupThatFailedIsGivenBack() throws Exception {
    List<Boolean> ends = Collections.synchronizedList(new ArrayList<>());
    FirstClaims claims =
        new FirstClaims() {
          @Override
          public boolean claim(String id, long asked) {
            return true;
          }

          @Override
          public void ended(DueMail mail, boolean stored) {
            ends.add(stored);
          }
        };
    accepted(user("ann"));
    database.signups("one", LEASE, claims, true).insert(stranger("x", "ann", null));
    TestDatabase.await("the end", () -> ends.size() == 1);
    assertEquals(List.of(false), ends, "or the stranger's address would get a welcome e-mail");
  }
}
