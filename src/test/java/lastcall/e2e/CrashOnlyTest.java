package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import lastcall.FatalMain;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.Proves;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * After an Error nobody knows what still works, and a sudden death loses nothing: so the process
 * ends, and its next start sends what it had accepted.
 */
final class CrashOnlyTest extends ServiceTest {
  @ParameterizedTest
  @CsvSource({"memory, 3", "linkage, 1"})
  @Proves("P4")
  void anErrorEndsTheProcessAndTheNextStartSends(String error, int status) throws Exception {
    try (ServiceProcess service =
        ServiceProcess.other(
            FatalMain.class, directory, directory.toString(), "" + smtp.port(), error)) {
      try (SignupClient client = new SignupClient(service.port())) {
        client.signUp("ada@example.org"); // stored; whether its answer gets out, is a race
      }
      assertEquals(status, service.awaitExit(), "and nobody has told it to stop");
      assertEquals(1, service.rows().count("outbox WHERE state = 'due'"));
      try (ServiceProcess next = start()) {
        assertEquals(0, term(next));
      }
      assertEquals(Set.of("ada@example.org"), recipients());
      assertEquals(1, smtp.accepted().size());
    }
  }
}
