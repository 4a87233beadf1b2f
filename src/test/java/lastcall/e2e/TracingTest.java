package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;

/**
 * The trace of a request is found in the log until its e-mail is sent, whatever happens between.
 */
final class TracingTest extends ServiceTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  @Test
  void everyLineOfASignupHasItsTraceEvenAfterAKill() throws Exception {
    smtp.on(Step.RCPT, Action.reply("451 4.7.1 greylisted"), 1);
    try (ServiceProcess service = start();
        SignupClient client = new SignupClient(service.port())) {
      String header = "traceparent: 00-" + TRACE + "-b7ad6b7169203331-01\r\n";
      assertEquals(202, client.signUp("ann@example.org", header).status());
      LogLine signup = service.await("sign-up answered");
      assertEquals("accepted " + TRACE, signup.get("outcome") + " " + signup.get("trace_id"));
      LogLine deferred = service.await("welcome e-mail deferred");
      assertEquals("1 " + TRACE, deferred.get("attempt") + " " + deferred.get("trace_id"));
      TestDatabase.await("the result is recorded", () -> greylisted(service) == 1);
      service.signal("KILL");
      assertEquals(137, service.awaitExit());
      service.rows().update("UPDATE outbox SET due_at = 0"); // not to wait for it
    }
    try (ServiceProcess next = start();
        SignupClient client = new SignupClient(next.port())) {
      LogLine sent = next.await("welcome e-mail sent");
      assertEquals("2 " + TRACE, sent.get("attempt") + " " + sent.get("trace_id"));
      assertEquals(202, client.signUp("bob@example.org", "traceparent: 00-0-0-00\r\n").status());
      LogLine untraced = next.await("welcome e-mail sent", 2);
      assertFalse(untraced.text().contains("trace_id"), untraced::text);
      assertEquals(0, next.log("sign-up answered").size());
      assertEquals(0, term(next));
    }
  }

  private static int greylisted(ServiceProcess service) {
    String what =
        "attempt = 1 AND tries = 1 AND state = 'due' AND reason LIKE 'RCPT 451 %4.7.1 greylisted'";
    try {
      return service.rows().count("attempts WHERE " + what);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
