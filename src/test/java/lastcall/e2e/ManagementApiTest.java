package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.drill.ServiceProcess;
import lastcall.http.HttpTestClient;
import lastcall.http.HttpTestClient.Response;
import lastcall.testing.OpenApi;
import org.junit.jupiter.api.Test;

/** {@code /openapi} of the management port, held against a service that serves, and that stops. */
final class ManagementApiTest extends ServiceTest {
  private static final String TOKEN = "a-token-of-more-than-sixteen-characters";

  private final List<String> wrong = new ArrayList<>();

  private static Response get(ServiceProcess service, String path, String... headers)
      throws Exception {
    try (HttpTestClient client = new HttpTestClient(service.port("management"))) {
      String host = List.of(headers).toString().contains("Host:") ? "" : "Host: localhost\r\n";
      client.send(
          "GET " + path + " HTTP/1.1\r\n" + host + String.join("\r\n", headers) + "\r\n\r\n");
      Response response = client.read();
      assertNotNull(response, "no answer");
      return response;
    }
  }

  private void asDocumented(
      OpenApi document, ServiceProcess service, String path, int status, String... headers)
      throws Exception {
    Response response = get(service, path, headers);
    assertEquals(status, response.status(), path + response.body());
    wrong.addAll(document.wrong("GET " + path + " " + status, response.headers(), response.body()));
  }

  @Test
  void answersAreAsDocumented() throws Exception {
    smtp.delay(Duration.ofSeconds(3));
    try (ServiceProcess service =
        start("management.token=" + TOKEN, "shutdown.pre-stop-delay=100ms")) {
      String bearer = "Authorization: Bearer " + TOKEN;
      OpenApi document = new OpenApi(get(service, "/openapi", bearer).body());
      assertEquals(List.of(), document.wrongExamples());
      for (String check : List.of("live", "ready", "started")) {
        asDocumented(document, service, "/observe/health/" + check, 200, "X: none");
      }
      for (String path : List.of("/api/status", "/api/stop", "/", "/openapi", "/observe/metrics")) {
        asDocumented(document, service, path, 200, bearer);
        asDocumented(document, service, path, 401, "X: none");
        asDocumented(document, service, path, 421, bearer, "Host: evil.test");
      }
      signUp(service, 40);
      asDocumented(document, service, "/api/status", 200, bearer);
      service.signal("TERM");
      service.await("completing background tasks");
      asDocumented(document, service, "/observe/health/ready", 503, "X: none");
      asDocumented(document, service, "/api/status", 200, bearer);
      asDocumented(document, service, "/api/stop", 200, bearer);
      assertTrue(get(service, "/api/stop", bearer).body().contains("\"if_cut\""));
      assertEquals(0, service.awaitExit());
    }
    assertEquals(List.of(), wrong);
  }
}
