package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SignupStoreTest extends StoreFixture {
  @Test
  void storesUserAndMailTogether() throws Exception {
    Stored.Accepted ann = assertInstanceOf(Stored.Accepted.class, store.insert(user("ann")));
    assertEquals("id-ann ann ann@example.org", ann.id() + " " + ann.name() + " " + ann.email());
    assertEquals("due null 0", sql.mail("ann"));
    assertEquals(
        ann.createdAt() + " " + ann.createdAt() + " " + ann.createdAt(),
        sql.row(
            "SELECT users.created_at, outbox.created_at, due_at FROM users JOIN outbox ON"
                + " user_id = users.id"));
  }

  @Test
  void concurrentSignupsAreEachStoredOnce() throws Exception {
    List<Future<Stored>> all = insertAtOnce(numbered(256));
    for (Future<Stored> one : all) {
      assertInstanceOf(Stored.Accepted.class, get(one));
    }
    assertEquals("256 256 256", sql.row(BOTH));
  }

  @Test
  void duplicatesInOneGroupSpoilOnlyThemselves() throws Exception {
    List<NewUser> users = new ArrayList<>();
    for (NewUser u : numbered(20)) {
      users.add(u);
      users.add(
          new NewUser(
              u.id() + "b", "B", u.email(), u.emailKey(), "h", null, u.messageId() + "b", null));
    }
    List<Future<Stored>> all = insertAtOnce(users);
    for (int i = 0; i < all.size(); i += 2) {
      // Which of the two came first is theirs to decide.
      boolean first = get(all.get(i)) instanceof Stored.Accepted;
      boolean second = get(all.get(i + 1)) instanceof Stored.Accepted;
      assertTrue(first != second, i + ": " + first + " " + second);
      Stored taken = get(all.get(first ? i + 1 : i));
      assertInstanceOf(Stored.AddressTaken.class, taken);
    }
    assertEquals("20 20 20", sql.row(BOTH));
  }

  @Test
  void sameKeySameSignupIsTheSameUser() throws Exception {
    NewUser ann = user("ann", "key-1");
    NewUser again =
        new NewUser("id-2", "ann", "ANN@example.org", ann.emailKey(), "h-2", "key-1", "m", null);
    List<Future<Stored>> both = insertAtOnce(List.of(ann, again));
    boolean annFirst = get(both.get(0)) instanceof Stored.Accepted;
    Stored.Accepted first =
        assertInstanceOf(Stored.Accepted.class, get(both.get(annFirst ? 0 : 1)));
    Stored.Repeated repeated = new Stored.Repeated(first, (annFirst ? ann : again).passwordHash());
    assertEquals(repeated, get(both.get(annFirst ? 1 : 0)));
    assertEquals(repeated, store.insert(again));
    assertEquals("1 1 1", sql.row(BOTH));
  }

  @Test
  void keyOfAnotherSignupIsReused() throws Exception {
    store.insert(user("ann", "key-1"));
    assertEquals(new Stored.KeyReused(), store.insert(user("bob", "key-1")));
    NewUser renamed =
        new NewUser("i", "Anna", "ann@example.org", "ann@example.org", "h", "key-1", "m", null);
    assertEquals(new Stored.KeyReused(), store.insert(renamed));
    assertEquals(new Stored.AddressTaken(), store.insert(user("ann")));
    assertEquals(new Stored.AddressTaken(), store.insert(user("ann", "key-2")));
    assertEquals("1 1 1", sql.row(BOTH));
  }

  @Test
  void onePoisonedCallFailsAlone() throws Exception {
    List<NewUser> users = new ArrayList<>(numbered(50));
    NewUser other = users.get(7);
    // The user could be inserted, the e-mail's id is taken: neither may stay.
    users.add(
        25, new NewUser("id-x", "x", "x@x.org", "x@x.org", "h", null, other.messageId(), null));
    store.insert(other);
    users.remove(other);
    List<Future<Stored>> all = insertAtOnce(users);
    int poisoned = users.indexOf(users.stream().filter(u -> u.name().equals("x")).findAny().get());
    for (int i = 0; i < all.size(); i++) {
      if (i == poisoned) {
        Future<Stored> failed = all.get(i);
        assertThrows(DatabaseException.class, () -> get(failed));
      } else {
        assertInstanceOf(Stored.Accepted.class, get(all.get(i)));
      }
    }
    assertEquals("50 50 50", sql.row(BOTH));
    assertTrue(database.healthy(), "the database was in order, one call was not");
  }
}
