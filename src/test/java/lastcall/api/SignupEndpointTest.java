package lastcall.api;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import lastcall.http.HttpTestClient;
import lastcall.http.ServerFixture;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignupEndpointTest {
  private final AtomicReference<SignupRequest> seen = new AtomicReference<>();
  private ServerFixture fixture;

  @BeforeAll
  void start() {
    fixture =
        new ServerFixture(request -> {
          seen.set(request);
          return switch (request.name()) {
            case "taken" -> new SignupOutcome.AddressTaken();
            case "reused" -> new SignupOutcome.KeyReused();
            case "busy" -> new SignupOutcome.Unavailable("try later", Duration.ofSeconds(7));
            case "virtual" -> {
              assertTrue(Thread.currentThread().isVirtual());
              yield ServerFixture.accept(request);
            }
            case "broken" -> throw new IllegalStateException("on purpose");
            default -> ServerFixture.accept(request);
          };
        });
  }

  @AfterAll
  void stop() {
    fixture.close();
  }

  private HttpTestClient.Response exchange(String request) throws IOException {
    return exchange(request, true);
  }

  private HttpTestClient.Response exchange(String request, boolean withBody) throws IOException {
    try (HttpTestClient client = fixture.client()) {
      client.send(request);
      HttpTestClient.Response response = client.read(withBody);
      assertNotNull(response, "no answer");
      return response;
    }
  }

  private void assertProblem(int status, String slug, HttpTestClient.Response response) {
    assertEquals(status, response.status(), response.body());
    assertEquals("application/problem+json", response.header("content-type"));
    assertTrue(
        response.body().contains("\"type\":\"urn:lastcall:problem:" + slug + "\""),
        response.body());
    assertTrue(response.body().contains("\"status\":" + status), response.body());
  }

  private static String named(String name) {
    return GOOD.replace("Ada", name);
  }

  @Test
  void answersAGoodRequest() throws IOException {
    var response = exchange(post(GOOD, "Idempotency-Key: k-1"));
    assertEquals(202, response.status());
    assertEquals("application/json", response.header("content-type"));
    assertEquals(
        "{\"user\":{\"id\":\"id-1\",\"created_at\":\"2023-11-14T22:13:20.123Z\","
            + "\"name\":\"Ada\",\"email\":\"ada@example.org\"}}\n",
        response.body());
    assertEquals(
        new SignupRequest("Ada", "ada@example.org", "correct horse", "k-1", null), seen.get());
  }

  @Test
  void runsTheHandlerOnAVirtualThread() throws IOException {
    assertEquals(202, exchange(post(named("virtual"))).status());
  }

  @ParameterizedTest
  @CsvSource({
    "taken, 409, address-taken",
    "reused, 422, key-reused",
    "busy, 503, unavailable",
    "broken, 500, internal-server-error"
  })
  void answersEachOutcome(String name, int status, String slug) throws IOException {
    var response = exchange(post(named(name)));
    assertProblem(status, slug, response);
    assertEquals(status == 503 ? "7" : "", response.header("retry-after"));
    assertTrue(!response.body().contains("on purpose"), response.body());
  }

  @Test
  void refusesWhatIsNotTheObject() throws IOException {
    assertProblem(400, "malformed", exchange(post("nonsense")));
  }

  @Test
  void tellsAllWrongFieldsAtOnce() throws IOException {
    var response = exchange(post("{\"name\":\"\",\"email\":\"x\",\"password\":\"short\"}"));
    assertProblem(422, "invalid-fields", response);
    for (String field : new String[] {"name", "email", "password"}) {
      assertTrue(response.body().contains("{\"pointer\":\"/" + field + "\""), response.body());
    }
    var missing = exchange(post("{}"));
    assertProblem(422, "invalid-fields", missing);
    assertEquals(4, missing.body().split("is missing", -1).length, missing.body());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, 405",
    "PUT, 405",
    "DELETE, 405",
    "PATCH, 405",
    "HEAD, 405",
    "OPTIONS, 405",
    "TRACE, 405",
    "BREW, 405"
  })
  void allowsOnlyPost(String method, int status) throws IOException {
    var response =
        exchange(method + " /v1/users HTTP/1.1\r\nHost: t\r\n\r\n", !method.equals("HEAD"));
    assertEquals(status, response.status());
    assertEquals("POST", response.header("allow"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/v1", "/v1/users/1", "/v2/users", "/observe/health"})
  void knowsNoOtherPath(String path) throws IOException {
    assertProblem(404, "not-found", exchange(post(GOOD).replace("/v1/users", path)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/json; charset=iso-8859-1",
        "application/jsonp",
        "application/json; charset=utf-16",
        "application/json; v=1; charset=latin1",
        "application/json; charset=utf-8; charset=latin1",
        "application/json, application/json",
        "application/json-patch+json",
        "*/*"
      })
  void wantsJson(String type) throws IOException {
    var response = exchange(post(GOOD, "Content-Type: " + type));
    assertProblem(415, "unsupported-media-type", response);
    assertTrue(response.body().contains("application/json"), response.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
        "application/json;charset=utf8",
        "application/json ; Charset = US-ASCII",
        "application/json;",
        "application/json; ;",
        "application/json; version=1",
        "application/json; charset=utf-8; odata=verbose",
      })
  void takesTheUsualSpellings(String type) throws IOException {
    assertEquals(202, exchange(post(GOOD, "Content-Type: " + type)).status());
  }

  @Test
  void checksTheIdempotencyKey() throws IOException {
    String longest = "k".repeat(64);
    assertEquals(202, exchange(post(GOOD, "Idempotency-Key: " + longest)).status());
    for (String[] bad :
        new String[][] {
          {"Idempotency-Key: " + longest + "k"},
          {"Idempotency-Key: a b"},
          {"Idempotency-Key:"},
          {"Idempotency-Key: \u00e9"},
          {"Idempotency-Key: a", "Idempotency-Key: a"}
        }) {
      assertProblem(400, "bad-idempotency-key", exchange(post(GOOD, bad)));
    }
  }
}
