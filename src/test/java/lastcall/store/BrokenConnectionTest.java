package lastcall.store;

import static lastcall.testing.TestDatabase.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A driver that throws what no driver should: half a transaction must not stay open behind it. */
@Timeout(60)
final class BrokenConnectionTest extends StoreFixture {
  private final Set<String> faults = ConcurrentHashMap.newKeySet(); // each is thrown once
  private boolean errors;
  private GroupCommit writer;
  private SignupStore broken;

  @BeforeEach
  void openBroken() throws Exception {
    Dialect dialect = new Dialects.Connecting(Dialect.of(config), this::proxy);
    writer = new GroupCommit(new WriterConnection(dialect), StoreListener.NONE);
    broken = new SignupStore(writer, "", LEASE, new TestDatabase.NoClaims(false), false);
    broken.insert(user("ann"));
  }

  @AfterEach
  void closeBroken() throws Exception {
    assertTrue(writer.close(LONG), "the writer hangs");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Proves("P7")
  void aRollbackThatThrowsLeavesNoHalfSignup(boolean errors) throws Exception {
    this.errors = errors;
    for (String fault : List.of("rollback", "setAutoCommit", "close")) {
      faults.add(fault);
      // The user can be inserted, the id of the e-mail is taken: half a transaction.
      NewUser half =
          new NewUser("id-x", "x", "x@example.org", "x@example.org", "h", null, "mail-ann", null);
      assertThrows(DatabaseException.class, () -> broken.insert(half));
      insertedAtLast("after-" + fault);
    }
    assertEquals("4 4 4", sql.row(BOTH));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Proves("P7")
  void aCommitThatThrowsLeavesNoHalfSignup(boolean errors) throws Exception {
    this.errors = errors;
    faults.addAll(List.of("setAutoCommit", "close"));
    assertThrows(DatabaseException.class, () -> broken.insert(user("bob")));
    insertedAtLast("cid");
    assertEquals("2 2 2", sql.row(BOTH));
  }

  private void insertedAtLast(String name) {
    TestDatabase.await(
        name + " is accepted",
        () -> {
          try {
            return broken.insert(user(name)) instanceof Stored.Accepted;
          } catch (DatabaseException e) {
            return false; // the writer has not yet seen that the database works
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  private Connection proxy(Connection real) {
    return proxy(Connection.class, real);
  }

  private <T> T proxy(Class<T> type, T real) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              String name = method.getName();
              if (name.equals("execute") && arguments[0].equals("ROLLBACK")) {
                name = "rollback";
              }
              boolean begins = name.equals("setAutoCommit") && arguments[0].equals(false);
              boolean fault = !begins && faults.remove(name);
              if (fault && !name.equals("close")) {
                throw fault(name);
              }
              Object result;
              try {
                result = method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (fault) {
                throw fault(name);
              }
              boolean made = name.equals("createStatement");
              return made ? proxy(Statement.class, (Statement) result) : result;
            }));
  }

  private Throwable fault(String where) {
    return errors ? new Error(where) : new IllegalStateException(where);
  }
}
