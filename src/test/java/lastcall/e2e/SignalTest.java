package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signals that come twice, early, or to a second process. */
final class SignalTest extends ServiceTest {
  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  @Proves({"P1", "P3"})
  void twoInABurstAreOneAndALaterOneForces(String signal, int forced) throws Exception {
    smtp.delay(Duration.ofSeconds(2));
    try (ServiceProcess service = start()) {
      signUp(service, 5);
      long begun = System.nanoTime();
      service.signal(signal);
      service.await("shutting down server");
      service.signal(signal);
      // Two that were held up on their way are no burst, and prove nothing.
      if (System.nanoTime() - begun < Duration.ofMillis(450).toNanos()) {
        assertEquals(0, service.awaitExit());
        assertEquals(5, smtp.accepted().size());
      }
    }
    smtp.delay(Duration.ofSeconds(6));
    try (ServiceProcess service = start()) {
      try (SignupClient client = new SignupClient(service.port())) {
        assertEquals(202, client.signUp("late@example.org").status());
      }
      service.signal(signal);
      service.await("still sending"); // a second into the drain
      service.signal(signal);
      assertEquals(forced, service.awaitExit());
      LogLine stopped = service.await("stopped server");
      assertEquals("true", stopped.get("forced"));
      assertEquals(forced, stopped.number("status"));
      String late = "(SELECT id FROM users WHERE email = 'late@example.org')";
      assertEquals(
          1,
          service.rows().count("outbox WHERE state = 'due' AND user_id IN " + late),
          "and it is kept");
    }
  }

  @Test
  @Proves("P8")
  void aStopDuringTheStartIsClean() throws Exception {
    long seed = System.nanoTime();
    System.out.println("stop during the start: seed " + seed);
    Random random = new Random(seed);
    int rounds = Integer.getInteger("lastcall.rounds", 3) + 2;
    for (int round = 0; round < rounds; round++) {
      try (ServiceProcess service =
          ServiceProcess.launch(directory, "smtp.host=127.0.0.1", "smtp.tls=none")) {
        new CountDownLatch(1).await(random.nextInt(1500), TimeUnit.MILLISECONDS); // anywhere
        service.signal("TERM");
        int status = service.awaitExit();
        // Before there are handlers the system ends it, which is just as well: nothing has begun.
        boolean asThoughNeverStarted =
            status == 143 && service.log("shutting down server").isEmpty();
        boolean stopped = status == 0 && service.log("stopped server").size() == 1;
        assertTrue(asThoughNeverStarted || stopped, () -> "" + service.log());
        assertTrue(
            service.log().stream().noneMatch(l -> l.text().contains("trace=")),
            () -> "" + service.log());
        assertFalse(service.stderr().contains("Exception"), service::stderr);
      }
    }
    try (ServiceProcess service = start()) {
      signUp(service, 1);
      assertEquals(0, term(service));
    }
    assertEquals(1, smtp.accepted().size());
  }

  @Test
  void aSecondProcessIsRefusedAndToldWhy() throws Exception {
    smtp.delay(Duration.ofSeconds(20));
    try (ServiceProcess service = start()) {
      signUp(service, 1);
      assertRefused("process " + service.pid() + ", which is serving");
      service.signal("TERM");
      service.await("still sending");
      assertRefused("process " + service.pid() + ", which is draining");
      assertEquals(143, term(service), "by force, since nobody waits 20 s here");
    }
  }

  private void assertRefused(String why) throws Exception {
    try (ServiceProcess second = ServiceProcess.launch(directory)) {
      assertEquals(1, second.awaitExit());
      String told = second.await("start failed").get("why");
      assertTrue(told.contains(why), told);
    }
  }
}
