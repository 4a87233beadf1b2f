package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import lastcall.config.AppConfig;
import org.junit.jupiter.api.Test;

class CorsTest {
  private static final String PAGE = "https://www.example.org";
  private static final String ALLOW = "access-control-allow-origin";

  private static ServerFixture fixture(String... origins) {
    return fixture(Duration.ofSeconds(20), origins);
  }

  private static ServerFixture fixture(Duration requestTimeout, String... origins) {
    AppConfig.Limits limits =
        new AppConfig.Limits(
            16 * 1024, requestTimeout, Duration.ofSeconds(20), Duration.ofSeconds(60));
    return new ServerFixture(
        ServerFixture::accept, limits, Duration.ofSeconds(10), Set.of(origins));
  }

  private static HttpTestClient.Response exchange(ServerFixture fixture, String request)
      throws IOException {
    try (HttpTestClient client = fixture.client()) {
      client.send(request);
      var response = client.read();
      assertNotNull(response);
      return response;
    }
  }

  private static String preflight(String origin) {
    return "OPTIONS /v1/users HTTP/1.1\r\nHost: t\r\nOrigin: "
        + origin
        + "\r\nAccess-Control-Request-Method: POST\r\n"
        + "Access-Control-Request-Headers: content-type,idempotency-key\r\n\r\n";
  }

  @Test
  void answersThePreflightOfAnAllowedOrigin() throws IOException {
    try (ServerFixture fixture = fixture(PAGE, "http://localhost:3000")) {
      var response = exchange(fixture, preflight(PAGE));
      assertEquals(204, response.status());
      assertEquals(PAGE, response.header(ALLOW));
      assertEquals("POST", response.header("access-control-allow-methods"));
      assertEquals(
          "Content-Type, Idempotency-Key", response.header("access-control-allow-headers"));
      assertEquals("7200", response.header("access-control-max-age"));
      assertEquals("Origin", response.header("vary"));
      assertEquals(
          "http://localhost:3000",
          exchange(fixture, preflight("http://localhost:3000")).header(ALLOW));
    }
  }

  @Test
  void doesNotAnswerThePreflightOfAnotherOrigin() throws IOException {
    try (ServerFixture fixture = fixture(PAGE)) {
      for (String other :
          new String[] {
            "null", "*", "https://www.example.org.evil.example", PAGE + "/", "http" + PAGE
          }) {
        var response = exchange(fixture, preflight(other));
        assertEquals(405, response.status());
        assertNull(response.headers().get(ALLOW));
        assertEquals("Origin", response.header("vary"));
      }
    }
  }

  @Test
  void saysNothingWithoutTheKey() throws IOException {
    try (ServerFixture fixture = fixture()) {
      var response = exchange(fixture, preflight(PAGE));
      assertEquals(405, response.status());
      assertNull(response.headers().get(ALLOW));
      assertNull(response.headers().get("vary"));
    }
  }

  @Test
  void everyAnswerNamesTheOriginErrorsToo() throws IOException {
    String origin = "Origin: " + PAGE;
    String[] requests = {
      post(GOOD, origin),
      post("{}", origin),
      post(GOOD, origin, "Content-Type: text/plain"),
      post("x".repeat(20_000), origin),
      post(GOOD, origin).replace("/v1/users", "/"),
    };
    int[] statuses = {202, 422, 415, 413, 404};
    try (ServerFixture fixture = fixture(PAGE)) {
      for (int i = 0; i < requests.length; i++) {
        var response = exchange(fixture, requests[i]);
        assertEquals(statuses[i], response.status());
        assertEquals(PAGE, response.header(ALLOW), response.toString());
        assertEquals("Origin", response.header("vary"), response.toString());
        assertEquals("Retry-After", response.header("access-control-expose-headers"));
      }
      assertNull(exchange(fixture, post(GOOD)).headers().get(ALLOW));
      fixture.server.refuse();
      var stopping = exchange(fixture, post(GOOD, origin));
      assertEquals(503, stopping.status());
      assertEquals(PAGE, stopping.header(ALLOW));
    }
  }

  @Test
  void a408NamesTheOrigin() throws IOException {
    try (ServerFixture fixture = fixture(Duration.ofMillis(300), PAGE)) {
      var response = exchange(fixture, post(GOOD, "Origin: " + PAGE).replace(GOOD, "{"));
      assertEquals(408, response.status());
      assertTrue(response.body().contains("did not come whole in time"), response.body());
      assertEquals(PAGE, response.header(ALLOW));
    }
  }
}
