package lastcall.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class CallTest {
  private final Call<Integer, Integer> call = new Call<>((connection, all) -> all, 1);

  @Test
  void whoLeavesASealedCallThatIsRolledBackHasWithdrawnIt() {
    assertTrue(call.begin() && call.seal());
    assertThrows(DatabaseException.class, () -> call.await(Duration.ZERO));
    call.unseal();
    assertFalse(call.seal(), "its caller was told that it is not stored");
  }

  @Test
  void aRolledBackCallWhoseCallerStaysIsSealedAgain() {
    assertTrue(call.begin() && call.seal());
    call.unseal();
    assertTrue(call.seal());
  }
}
