package lastcall.management;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
  private final AtomicReference<Readiness> readiness = new AtomicReference<>(Readiness.STARTING);
  private final AtomicBoolean started = new AtomicBoolean();

  @Test
  void tellsHealthWithoutAndTheRestWithTheToken() throws Exception {
    ManagementServer server =
        server(
            "secret", Duration.ofSeconds(5), () -> Readiness.READY, readiness::get, started::get);
    server.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertEquals(200, get(client, server, "/observe/health/live", "").statusCode());
      assertEquals(503, get(client, server, "/observe/health/started", "").statusCode());
      var notReady = get(client, server, "/observe/health/ready", "");
      assertEquals(503, notReady.statusCode());
      assertTrue(notReady.body().contains("starting"), notReady.body());
      readiness.set(Readiness.READY);
      started.set(true);
      assertEquals(200, get(client, server, "/observe/health/ready", "").statusCode());
      assertEquals(200, get(client, server, "/observe/health/started", "").statusCode());
      readiness.set(Readiness.DRAINING);
      assertTrue(get(client, server, "/observe/health/ready", "").body().contains("draining"));

      for (String bad : new String[] {"", "Bearer secre", "Bearer secrets", "Basic secret"}) {
        for (String path : new String[] {"/observe/health", "/nowhere", "/"}) {
          assertEquals(401, get(client, server, path, bad).statusCode(), path + bad);
        }
      }
      var unknown = get(client, server, "/nowhere", "Bearer secret");
      assertEquals(404, unknown.statusCode());
      assertEquals(
          "application/problem+json", unknown.headers().firstValue("content-type").orElse(""));
      assertEquals(503, get(client, server, "/observe/health", "Bearer secret").statusCode());
    }
  }

  /** Health checks of balancers speak HTTP/1.0, which knows no chunks; and nobody gets trailers. */
  @Test
  void answersHttp10() throws Exception {
    ManagementServer server =
        server(
            null, Duration.ofSeconds(5), () -> Readiness.READY, () -> Readiness.READY, () -> true);
    server.start();
    for (String head :
        new String[] {
          "GET /observe/health/ready HTTP/1.0\r\n\r\n",
          "GET /observe/health/ready HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
          "GET /observe/health/ready HTTP/1.1\r\nHost: t\r\nConnection: close\r\nTE: trailers\r\n\r\n"
        }) {
      try (Socket client = new Socket("127.0.0.1", server.port())) {
        client.setSoTimeout(30_000); // a stuck test fails with "Read timed out"
        client.getOutputStream().write(head.getBytes(US_ASCII));
        String answer = new String(client.getInputStream().readAllBytes(), US_ASCII);
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.contains("Connection: close\r\n"), answer);
        assertTrue(answer.contains("Content-Length: "), answer);
        assertTrue(answer.endsWith("}"), answer);
      }
    }
  }

  private static HttpResponse<String> get(
      HttpClient client, ManagementServer server, String path, String authorization)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void halfARequestDoesNotHoldItsConnection() throws Exception {
    ManagementServer server =
        server(null, Duration.ofMillis(300), () -> Readiness.READY, readiness::get, started::get);
    server.start();
    try (Socket client = new Socket("127.0.0.1", server.port())) {
      client.setSoTimeout(30_000); // a stuck test fails with "Read timed out"
      client.getOutputStream().write("GET /observe/health/li".getBytes(US_ASCII));
      String answer = new String(client.getInputStream().readAllBytes(), US_ASCII);
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    }
  }

  private static ManagementServer server(
      @Nullable String token,
      Duration limit,
      Supplier<Readiness> liveness,
      Supplier<Readiness> readiness,
      BooleanSupplier started) {
    AppConfig.Management config = new AppConfig.Management("127.0.0.1", 0, token, false);
    return new ManagementServer(
        config, limit, liveness, readiness, started, new Access(config), List.of());
  }
}
