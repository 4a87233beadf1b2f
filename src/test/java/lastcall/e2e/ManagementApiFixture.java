package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lastcall.drill.ServiceProcess;
import lastcall.http.HttpTestClient;
import lastcall.http.HttpTestClient.Response;
import lastcall.testing.OpenApi;
import org.junit.jupiter.api.AfterEach;

/** A service, its document, and what of the document was given by the service so far. */
abstract class ManagementApiFixture extends ServiceTest {
  static final String TOKEN = "a-token-of-more-than-sixteen-characters";
  static final String BEARER = "Authorization: Bearer " + TOKEN;

  final Set<String> given = new TreeSet<>();
  final List<String> wrong = new ArrayList<>();
  ServiceProcess service;
  OpenApi document;

  Response exchange(String method, String path, String body, String... headers) throws Exception {
    try (HttpTestClient client = new HttpTestClient(service.port("management"))) {
      String host = List.of(headers).toString().contains("Host:") ? "" : "Host: localhost\r\n";
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      client.send(
          method
              + (" " + path + " HTTP/1.1\r\n" + host + String.join("\r\n", headers))
              + ("\r\nContent-Length: " + length + "\r\n\r\n" + body));
      Response response = client.read();
      assertNotNull(response, "no answer");
      return response;
    }
  }

  /**
   * Provokes an answer.
   *
   * @param answer as in the document, such as {@code GET /api/outbox/{id} 404}
   * @param path the real one
   */
  String provoke(String answer, String path, String body, String... headers) throws Exception {
    String[] parts = answer.split(" ");
    Response response = exchange(parts[0], path, body, headers);
    assertEquals(parts[2], "" + response.status(), answer + ": " + path + ": " + response.body());
    given.add(answer);
    if (!document.answers().contains(answer)) {
      wrong.add(answer + " is not documented");
    } else {
      wrong.addAll(document.wrong(answer, response.headers(), response.body()));
    }
    return response.body();
  }

  /** The documented one, with something in the place of its parameters. */
  static String path(String answer) {
    return answer.split(" ")[1].replaceAll("\\{[^}]*}", "nothing");
  }

  /** With the token. */
  String provoke(String answer) throws Exception {
    return provoke(answer, path(answer), "", BEARER);
  }

  String get(String documented, int status, String path) throws Exception {
    return provoke("GET " + documented + " " + status, path, "", BEARER);
  }

  /** A form of the outbox. */
  String post(String path, int status, String form) throws Exception {
    String type = "Content-Type: application/x-www-form-urlencoded";
    return provoke("POST " + path + " " + status, path, form, BEARER, type);
  }

  void start(boolean embedded) throws Exception {
    String[] settings = {"management.token=" + TOKEN, "shutdown.pre-stop-delay=100ms"};
    service = embedded ? ServiceProcess.start(directory, settings) : start(settings);
    document = new OpenApi(exchange("GET", "/openapi", "", BEARER).body());
  }

  @AfterEach
  void end() {
    if (service != null) {
      service.close();
    }
  }

  /** Those that are documented with this status. */
  Set<String> answers(int status) {
    return document.answers().stream()
        .filter(answer -> answer.endsWith(" " + status))
        .collect(Collectors.toSet());
  }
}
