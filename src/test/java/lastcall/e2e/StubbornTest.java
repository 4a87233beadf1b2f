package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lastcall.StubbornMain;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.drill.SignupClient.Answer;
import lastcall.testing.Fastest;
import lastcall.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What does not want to end is left behind, and ends with the process. */
final class StubbornTest {
  @TempDir Path directory;

  @Test
  @Proves("P8")
  void aHandlerAndATaskThatIgnoreInterruptsAreLeftBehindInTime() throws Exception {
    Duration deadline = Duration.ofSeconds(2);
    Fastest.within(
        deadline.plusMillis(1500),
        "the end of a stop that two threads ignore",
        () -> {
          Path own = Files.createTempDirectory(directory, "try");
          try (ServiceProcess service =
                  ServiceProcess.other(StubbornMain.class, own, own.toString(), "2s");
              SignupClient client = new SignupClient(service.port());
              var other = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Answer> unanswered = other.submit(() -> client.signUp("stubborn@example.org"));
            service.await("stubborn handler");
            service.await("stubborn send");
            long begun = System.nanoTime();
            service.signal("TERM");
            assertEquals(1, service.awaitExit(), "a failure, and not the 143 of the force");
            Duration took = Duration.ofNanos(System.nanoTime() - begun);
            assertTrue(service.log("ignored interrupt").size() >= 2, "handler and send");
            LogLine stopped = service.await("stopped server");
            assertEquals(1, stopped.number("cut_off"), stopped::text);
            assertEquals(1, stopped.number("unrecorded"), stopped::text);
            assertEquals(Answer.UNANSWERED, unanswered.get().status());
            // What had been stored is kept, its attempt counted: nobody knows what the send did.
            assertEquals(
                1,
                service
                    .rows()
                    .count("outbox WHERE state = 'due' AND owner IS NULL AND attempts = 1"));
            return took;
          }
        });
  }

  @Test
  @Proves("P8")
  void aRequestThatOutlivesItsGraceDoesNotSkipTheDrain() throws Exception {
    // A hash of some 10 s of processor time stands for a handler that is slow to the end.
    try (ServiceProcess service =
            ServiceProcess.start(
                directory,
                "password.memory=64MiB",
                "password.iterations=100",
                "shutdown.deadline=3s",
                "shutdown.request-grace=1500ms");
        SignupClient client = new SignupClient(service.port());
        var other = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Answer> answer = other.submit(() -> client.signUp("slow@example.org"));
      while (!service.jcmd("Thread.print").contains("Argon2")) {
        Thread.onSpinWait(); // until it is admitted
      }
      service.signal("TERM");
      assertEquals(1, service.awaitExit());
      LogLine stopped = service.await("stopped server");
      assertEquals(1, stopped.number("cut_off"), stopped::text);
      assertEquals(1, service.await("finishing requests").number("waiting"));
      assertEquals(1, service.log("completing background tasks").size());
      assertTrue(answer.get().status() != 202, () -> "" + answer.resultNow());
      assertEquals(0, service.rows().users().size());
    }
  }
}
