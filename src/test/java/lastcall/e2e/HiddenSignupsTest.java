package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.Proves;
import lastcall.testing.ScriptedSmtpServer.Accepted;
import org.junit.jupiter.api.Test;

/** signup.taken-address=hide, as a stranger sees it, and the owner of the address. */
final class HiddenSignupsTest extends ServiceTest {
  private static final String HIDE = "signup.taken-address=hide";

  /** An answer without what differs from one sign-up to the next, each with its own length. */
  private static String shape(int status, Map<String, ?> headers, String body) {
    Map<String, Object> kept = new TreeMap<>(headers);
    kept.remove("date");
    String shape =
        body.replaceAll("\"id\":\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"", "\"id\":ID")
            .replaceAll("\"created_at\":\"[-0-9]{10}T[0-9:.]+Z\"", "\"created_at\":AT")
            .replaceAll("(new|old)\\d?@", "WHO@");
    kept.remove("content-length"); // an instant of whole seconds is shorter
    return status + " " + kept + " " + shape;
  }

  private static String shape(SignupClient.Answer answer) {
    return shape(answer.status(), answer.headers(), answer.body());
  }

  @Test
  @Proves("P1")
  void aStrangerReadsTheSameAndTheOwnerIsToldOnce() throws Exception {
    try (ServiceProcess service = start(HIDE, "limits.recipient-rate=none");
        SignupClient client = new SignupClient(service.port())) {
      String fresh = shape(client.signUp("new@example.org"));
      assertTrue(fresh.startsWith("202 ") && fresh.contains("ID") && fresh.contains("AT"), fresh);
      assertEquals(fresh, shape(client.signUp("old@example.org")));
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        SignupClient.Answer taken = client.signUp("old@example.org");
        assertEquals(fresh, shape(taken));
        ids.add(taken.body());
      }
      assertEquals(50, ids.stream().distinct().count(), "each has an id of its own");
      // A key is the same to both, and belongs to one of them.
      String key = "Idempotency-Key: k1\r\n";
      SignupClient.Answer hidden = client.signUp("old@example.org", key);
      assertEquals(hidden.body(), client.signUp("old@example.org", key).body());
      String reused = shape(client.signUp("new2@example.org", key));
      String other = "Idempotency-Key: k2\r\n";
      SignupClient.Answer real = client.signUp("new3@example.org", other);
      assertEquals(real.body(), client.signUp("new3@example.org", other).body());
      assertEquals(reused, shape(client.signUp("new4@example.org", other)));
      assertEquals(reused, shape(client.signUp("old@example.org", other)));
      assertTrue(reused.startsWith("422 "), reused);
      assertEquals(0, term(service));
      assertEquals(3, service.rows().count("users"));
    }
    List<Accepted> told =
        smtp.accepted().stream().filter(mail -> mail.text().contains("already have")).toList();
    assertEquals(1, told.size(), "once a day");
    assertEquals("old@example.org", told.getFirst().recipient());
    assertTrue(told.getFirst().text().contains("Subject: You already have an account"));
    assertEquals(4, smtp.accepted().size(), "and three welcome e-mails");
  }

  /** The form of the page, sent without JavaScript. */
  @Test
  void thePageSaysTheSame() throws Exception {
    try (ServiceProcess service = start(HIDE);
        HttpClient http = HttpClient.newHttpClient()) {
      String first = form(http, service, "Ada", "0123456789abcdef0123456789abcdef");
      String again = form(http, service, "Mallory", "1123456789abcdef0123456789abcdef");
      assertEquals(first, again);
      assertTrue(first.startsWith("202 "), first);
      assertFalse(first.contains("Mallory"), first);
      smtp.awaitAccepted(2, ServiceProcess.GUARD);
      Accepted told = smtp.accepted().getLast();
      assertTrue(told.text().contains("Hello Ada,"), told.text());
      assertFalse(told.text().contains("Mallory"), "no word of a stranger's reaches the owner");
      assertEquals(0, term(service));
    }
  }

  private static String form(HttpClient http, ServiceProcess service, String name, String key)
      throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + "/"))
            .timeout(ServiceProcess.GUARD)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "text/html")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "name=" + name + "&email=ada@example.org&password=correct+horse&key=" + key))
            .build();
    HttpResponse<String> answer = http.send(post, HttpResponse.BodyHandlers.ofString());
    return shape(answer.statusCode(), answer.headers().map(), answer.body());
  }

  @Test
  void withTellItIsAnsweredAsTaken() throws Exception {
    try (ServiceProcess service = start();
        SignupClient client = new SignupClient(service.port())) {
      assertEquals(202, client.signUp("old@example.org").status());
      assertEquals(409, client.signUp("old@example.org").status());
      assertEquals(0, term(service));
    }
    assertEquals(1, smtp.accepted().size());
  }
}
