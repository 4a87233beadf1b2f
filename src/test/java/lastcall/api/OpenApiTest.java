package lastcall.api;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import lastcall.config.AppConfig;
import lastcall.config.Rate;
import lastcall.http.HttpTestClient;
import lastcall.http.HttpTestClient.Response;
import lastcall.http.ServerFixture;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;
import lastcall.testing.OpenApi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code /openapi} of the public port says what is true: each answer in it was given once. */
class OpenApiTest {
  private static final AppConfig.Limits SHORT =
      new AppConfig.Limits(
          16 * 1024, Duration.ofSeconds(2), Duration.ofSeconds(20), Duration.ofSeconds(60));
  private static final int MOST = 20; // each other recipient has fewer
  private static final AppConfig.ClientLimits RECIPIENT_LIMIT =
      new AppConfig.ClientLimits(List.of(), null, 0, new Rate(MOST, Duration.ofDays(1)));
  private static final String KEY = "&key=0123456789abcdef0123456789abcdef";
  private static final String FORM = "email=ada%40example.org&password=correct+horse" + KEY;

  private final Set<String> given = new TreeSet<>();
  private final List<String> wrong = new ArrayList<>();
  private ServerFixture fixture;
  private OpenApi document;

  private static SignupOutcome outcome(SignupRequest request) {
    return switch (request.name()) {
      case "taken" -> new SignupOutcome.AddressTaken();
      case "reused" -> new SignupOutcome.KeyReused();
      case "busy" -> new SignupOutcome.Unavailable("Try later.", Duration.ofSeconds(7));
      case "broken" -> throw new IllegalStateException("on purpose");
      default ->
          new SignupOutcome.Accepted(
              new User(
                  UUID.randomUUID().toString(), Instant.now(), request.name(), request.email()));
    };
  }

  @BeforeEach
  void start() throws IOException {
    fixture =
        new ServerFixture(
            OpenApiTest::outcome, SHORT, Duration.ofSeconds(10), Set.of(), RECIPIENT_LIMIT);
    document = new OpenApi(exchange("GET /openapi HTTP/1.1\r\nHost: t\r\n\r\n").body());
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private Response exchange(String request) throws IOException {
    try (HttpTestClient client = fixture.client()) {
      client.send(request);
      Response response = client.read();
      assertNotNull(response, "no answer");
      return response;
    }
  }

  private void provoke(String answer, String request) throws IOException {
    Response response = exchange(request);
    assertTrue(answer.endsWith(" " + response.status()), answer + ": " + response);
    given.add(answer);
    wrong.addAll(document.wrong(answer, response.headers(), response.body()));
  }

  private static String named(String name) {
    return post(GOOD.replace("Ada", name));
  }

  private static String form(String body, String... headers) {
    String head = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return "POST / HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        + head
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void everyAnswerIsGivenAsDocumented() throws IOException {
    String users = "POST /v1/users ";
    provoke(users + 202, post(GOOD, "Idempotency-Key: k"));
    provoke(users + 400, post("nonsense"));
    provoke(users + 400, post(GOOD, "Idempotency-Key: a b"));
    provoke(users + 400, "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n");
    provoke(users + 408, post(GOOD).replace("}", ""));
    provoke(users + 409, named("taken"));
    provoke(users + 413, post(" ".repeat(17 * 1024)));
    provoke(users + 414, post(GOOD).replace("users", "users?" + "x".repeat(5_000)));
    provoke(users + 415, post(GOOD, "Content-Type: text/plain"));
    provoke(users + 415, post(GOOD, "Content-Encoding: gzip"));
    provoke(users + 422, post("{}"));
    provoke(users + 422, post("{\"name\":\"\",\"email\":\"x\",\"password\":\"short\"}"));
    provoke(users + 422, named("reused"));
    for (int i = 0; i < MOST; i++) {
      assertEquals(202, exchange(post(GOOD.replace("ada@", "eve@"))).status());
    }
    provoke(users + 429, post(GOOD.replace("ada@", "eve+1@")));
    provoke("POST / 429", form("name=Eve&" + FORM.replace("ada%", "eve%")));
    provoke(users + 431, post(GOOD, "X: " + "x".repeat(17_000)));
    provoke(users + 500, named("broken"));
    provoke(users + 503, named("busy"));
    provoke(users + 505, post(GOOD).replace("HTTP/1.1", "HTTP/2.0"));
    provoke("GET / 200", "GET / HTTP/1.1\r\nHost: t\r\n\r\n");
    provoke("GET /openapi 200", "GET /openapi HTTP/1.1\r\nHost: t\r\n\r\n");
    provoke("POST / 202", form("name=Ada&" + FORM));
    provoke("POST / 400", form("nonsense"));
    provoke("POST / 403", form("name=Ada&" + FORM, "Sec-Fetch-Site: cross-site"));
    provoke("POST / 409", form("name=taken&" + FORM));
    provoke("POST / 422", form("name=&" + FORM));
    provoke("POST / 422", form("name=reused&" + FORM));
    provoke("POST / 503", form("name=busy&" + FORM));
    fixture.refuse();
    provoke(users + 503, post(GOOD));
    provoke("POST / 503", form("name=Ada&" + FORM));
    provoke("GET / 503", "GET / HTTP/1.1\r\nHost: t\r\nAccept: text/html\r\n\r\n");
    assertEquals(List.of(), wrong);
    assertEquals(document.answers(), given, "documented, and given");
  }

  @Test
  void itsExamplesAreAsItsSchemasSay() {
    assertEquals(List.of(), document.wrongExamples());
  }

  @Test
  void wrongAnswersAreFound() {
    Map<String, String> json = Map.of("content-type", "application/json");
    String user =
        "{\"id\":\"7b5c0b2e-0c57-4bd7-9f6a-7e53a3f4c1d2\",\"created_at\":\"2026-11-26T12:03:07Z\","
            + "\"name\":\"Ada\",\"email\":\"ada@example.org\"}";
    String right = "{\"user\":" + user + "}";
    assertEquals(List.of(), document.wrong("POST /v1/users 202", json, right));
    for (String[] change :
        new String[][] {
          {"\"name\":\"Ada\",", ""},
          {"\"Ada\"", "1"},
          {"\"Ada\"", "null"},
          {"7b5c", "xxxx"},
          {"2026-11-26T", ""},
          {"\"name\"", "\"more\":1,\"name\""}
        }) {
      String body = right.replace(change[0], change[1]);
      assertFalse(document.wrong("POST /v1/users 202", json, body).isEmpty(), body);
    }
    Map<String, String> problem = Map.of("content-type", "application/problem+json");
    String taken =
        "{\"type\":\"urn:lastcall:problem:address-taken\",\"title\":\"Address taken\",\"status\":409}";
    assertEquals(List.of(), document.wrong("POST /v1/users 409", problem, taken));
    assertFalse(document.wrong("POST /v1/users 409", json, taken).isEmpty(), "another type");
    assertFalse(
        document.wrong("POST /v1/users 422", problem, taken).isEmpty(), "of another status");
    String busy = taken.replace("address-taken", "unavailable").replace("409", "503");
    assertFalse(document.wrong("POST /v1/users 503", problem, busy).isEmpty(), "no Retry-After");
  }
}
