package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.testing.ScriptedSmtpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What the tests with real processes share: a directory for the database, and an SMTP server. */
abstract class ServiceTest {
  @TempDir Path directory;
  ScriptedSmtpServer smtp;

  @BeforeEach
  final void listen() throws Exception {
    smtp = new ScriptedSmtpServer();
  }

  @AfterEach
  final void hangUp() throws Exception {
    smtp.close();
  }

  final ServiceProcess start(String... more) throws Exception {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.addAll(List.of("smtp.host=127.0.0.1", "smtp.tls=none", "smtp.port=" + smtp.port()));
    return ServiceProcess.start(directory, settings.toArray(String[]::new));
  }

  /** Signs up user0 to user(n - 1), each accepted; their addresses. */
  static Set<String> signUp(ServiceProcess service, int count) throws Exception {
    return signUp(service, count, "user");
  }

  static Set<String> signUp(ServiceProcess service, int count, String name) throws Exception {
    Set<String> accepted = new TreeSet<>();
    try (SignupClient client = new SignupClient(service.port())) {
      for (int i = 0; i < count; i++) {
        String email = name + i + "@example.org";
        assertEquals(202, client.signUp(email).status());
        accepted.add(email);
      }
    }
    return accepted;
  }

  /** Stops the service by TERM; its status. */
  static int term(ServiceProcess service) throws Exception {
    service.signal("TERM");
    return service.awaitExit();
  }

  /** What a probe of live, ready or started gets; an IOException once the process is gone. */
  static HttpResponse<String> health(ServiceProcess service, String check) throws Exception {
    int port = service.port("management");
    URI uri = URI.create("http://127.0.0.1:" + port + "/observe/health/" + check);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(ServiceProcess.GUARD).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  final Set<String> recipients() {
    return recipients(smtp);
  }

  static Set<String> recipients(ScriptedSmtpServer smtp) {
    return smtp.accepted().stream()
        .map(ScriptedSmtpServer.Accepted::recipient)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
