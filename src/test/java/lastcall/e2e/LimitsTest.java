package lastcall.e2e;

import static lastcall.http.HttpTestClient.post;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.http.HttpTestClient;
import lastcall.http.HttpTestClient.Response;
import lastcall.testing.Scrape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Limits by client and by recipient. The clients' addresses are those that a trusted proxy names,
 * which is this test; without one, it is a client on loopback.
 */
@Timeout(180)
final class LimitsTest extends ServiceTest {
  private static final String PROXY = "server.trusted-proxies=127.0.0.0/8";

  private static String body(String email) {
    return "{\"name\":\"Ada\",\"email\":\"" + email + "\",\"password\":\"correct horse\"}";
  }

  private static Response exchange(ServiceProcess service, String request) throws Exception {
    try (HttpTestClient client = new HttpTestClient(service.port())) {
      client.send(request);
      Response response = client.read();
      assertNotNull(response, "no answer");
      return response;
    }
  }

  private static Response signUp(ServiceProcess service, String email, String... headers)
      throws Exception {
    return exchange(service, post(body(email), headers));
  }

  /** Past the seconds that a test may take, and not beyond the rate. */
  private static void assertLimited(Response response, String type, int most) {
    assertEquals(429, response.status(), response::toString);
    assertEquals("application/problem+json", response.header("content-type"));
    assertTrue(response.body().contains("urn:lastcall:problem:" + type), response::body);
    int retryAfter = Integer.parseInt(response.header("retry-after"));
    assertTrue(retryAfter > most / 2 && retryAfter <= most, response::toString);
  }

  @Test
  void clientsAreToldApartByWhatTheProxySays() throws Exception {
    try (ServiceProcess service = start(PROXY, "limits.client-rate=3/day")) {
      String one = "X-Forwarded-For: 192.0.2.1, 203.0.113.7";
      for (int i = 0; i < 3; i++) {
        assertEquals(202, signUp(service, "a" + i + "@example.org", one).status());
      }
      assertLimited(signUp(service, "a3@example.org", one), "client-limit", 28_800);
      assertEquals(
          429,
          signUp(
                  service,
                  "a4@example.org",
                  "X-Forwarded-For: 192.0.2.99",
                  "X-Forwarded-For: 203.0.113.7, 127.0.0.2")
              .status(),
          "what stands before its address is made up");
      assertEquals(
          429, signUp(service, "a5@example.org", "Forwarded: for=203.0.113.7;proto=http").status());
      assertEquals(202, signUp(service, "b@example.org", "X-Forwarded-For: 203.0.113.8").status());

      String six = "Forwarded: for=\"[2001:db8::%d]:4711\"";
      for (int i = 0; i < 3; i++) {
        String header = six.replace("%d", "" + i);
        assertEquals(202, signUp(service, "c" + i + "@example.org", header).status());
      }
      assertEquals(429, signUp(service, "c3@example.org", six.replace("%d", "f")).status());
      assertEquals(
          202, signUp(service, "d@example.org", "Forwarded: for=\"[2001:db8:0:1::]\"").status());

      for (int i = 0; i < 3; i++) { // what is malformed is the proxy's own
        assertEquals(202, signUp(service, "e" + i + "@example.org", "Forwarded: for=_x").status());
      }
      assertEquals(429, signUp(service, "e3@example.org", "X-Forwarded-For: nobody").status());
      assertEquals(429, signUp(service, "e4@example.org").status());

      Scrape scrape = Scrape.of(service.port("management"));
      assertEquals(6, scrape.value("lastcall_limited_total{limit=\"client\"}"), scrape::text);
      assertEquals(0, scrape.value("lastcall_limited_total{limit=\"recipient\"}"));
      assertEquals(11, scrape.value("lastcall_signups_total{outcome=\"accepted\"}"));
      LogLine said =
          service.await(
              "requests refused with 429, since their client or their recipient has had enough");
      assertEquals("client", said.get("last"));
      assertFalse(
          service.log().stream().anyMatch(line -> line.text().contains("203.0.113.7")),
          "no address in the log");
      assertEquals(0, term(service));
    }
  }

  /** A refused sign-up costs no hash, and not even its body is waited for. */
  @Test
  void aRefusedClientNeedNotSendItsBody() throws Exception {
    try (ServiceProcess service = start(PROXY, "limits.client-rate=1/day");
        HttpTestClient client = new HttpTestClient(service.port())) {
      assertEquals(202, signUp(service, "a@example.org").status());
      String request = post(body("b@example.org"));
      client.send(request.substring(0, request.indexOf('{')));
      Response response = client.read();
      assertNotNull(response);
      assertLimited(response, "client-limit", 86_400);
      assertEquals(0, term(service));
    }
  }

  @Test
  void onLoopbackOnlyTheRecipientIsLimited() throws Exception {
    try (ServiceProcess service = start("limits.client-rate=1/day", "limits.client-requests=1")) {
      String made = "X-Forwarded-For: 203.0.113.7"; // nobody trusts us
      for (int i = 0; i < 5; i++) {
        assertEquals(202, signUp(service, "victim+" + i + "@example.org", made).status());
      }
      for (int i = 5; i < 40; i++) {
        Response response = signUp(service, "Victim+" + i + "@example.org", made);
        assertLimited(response, "recipient-limit", 17_280);
      }
      assertEquals(429, signUp(service, "victim+1@example.org").status(), "taken or not");
      assertEquals(202, signUp(service, "other@example.org").status());
      Response page = exchange(service, form("victim%2Bx%40example.org"));
      assertEquals(429, page.status());
      assertTrue(page.body().contains("too many sign-ups came for this mailbox"), page::body);
      assertTrue(page.body().contains("Try again in 5 hours."), page::body);
      assertTrue(page.body().contains("victim+x@example.org"), "what was typed is kept");
      smtp.awaitAccepted(6, ServiceProcess.GUARD);
      assertEquals(0, term(service));
      assertEquals(6, smtp.accepted().size());
    }
  }

  private static String form(String email) {
    String body =
        "name=Ada&email=" + email + "&password=correct+horse&key=0123456789abcdef0123456789abcdef";
    return "POST / HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 203.0.113.7\r\n"
        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void repeatsWithTheirKeyAreAnsweredAsBefore() throws Exception {
    try (ServiceProcess service = start("limits.recipient-rate=1/day")) {
      for (int i = 0; i < 5; i++) {
        assertEquals(202, signUp(service, "a@example.org", "Idempotency-Key: k").status());
      }
      assertEquals(429, signUp(service, "a@example.org", "Idempotency-Key: l").status());
      assertEquals(429, signUp(service, "a+x@example.org", "Idempotency-Key: k").status());
      assertEquals(0, term(service));
    }
  }

  @Test
  void thePageSaysItInPlainWords() throws Exception {
    try (ServiceProcess service = start(PROXY, "limits.client-rate=1/h")) {
      assertEquals(202, exchange(service, form("a%40example.org")).status());
      Response page = exchange(service, form("b%40example.org"));
      assertEquals(429, page.status());
      assertEquals("text/html; charset=utf-8", page.header("content-type"));
      assertTrue(page.body().contains("too many sign-ups came from your network"), page::body);
      assertTrue(page.body().contains("Try again in 60 minutes."), page::body);
      assertEquals(0, term(service));
    }
  }

  @Test
  void aClientHasSoManyRequestsOpenAtOnce() throws Exception {
    String address = "X-Forwarded-For: 203.0.113.7";
    List<HttpTestClient> open = new ArrayList<>();
    try (ServiceProcess service =
        start(PROXY, "limits.client-requests=4", "limits.request-timeout=2m")) {
      for (int i = 0; i < 4; i++) {
        HttpTestClient client = new HttpTestClient(service.port());
        open.add(client);
        String request = post(body("c" + i + "@example.org"), address, "Expect: 100-continue");
        client.send(request.substring(0, request.indexOf('{')));
        Response wanted = client.read();
        assertNotNull(wanted);
        assertEquals(100, wanted.status(), "its body is waited for");
      }
      Response refused = signUp(service, "a@example.org", address);
      assertEquals(429, refused.status());
      assertTrue(refused.body().contains("urn:lastcall:problem:request-limit"), refused::body);
      assertEquals("1", refused.header("retry-after"));
      assertEquals(429, exchange(service, form("a%40example.org")).status(), "nor is the page's");
      assertEquals(
          202,
          signUp(service, "b@example.org", "X-Forwarded-For: 203.0.113.8").status(),
          "another client");
      for (int i = 0; i < 4; i++) {
        open.get(i).send(body("c" + i + "@example.org"));
        Response answer = open.get(i).read();
        assertNotNull(answer);
        assertEquals(202, answer.status());
      }
      Response later = exchange(service, post("{}", address));
      while (later.status() == 429) { // its answer is read a moment before a request has ended
        later = exchange(service, post("{}", address));
      }
      assertEquals(422, later.status(), "room again");
      Scrape scrape = Scrape.of(service.port("management"));
      assertTrue(scrape.value("lastcall_limited_total{limit=\"requests\"}") >= 2, scrape::text);
      assertEquals(0, term(service));
    } finally {
      for (HttpTestClient client : open) {
        client.close();
      }
    }
  }
}
