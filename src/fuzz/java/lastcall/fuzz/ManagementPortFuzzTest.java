package lastcall.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import lastcall.fuzz.ServiceWatch.Reading;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random requests to the pages and the JSON of operators, mailbox included. */
@Timeout(1_200)
final class ManagementPortFuzzTest {
  private static final int REQUESTS = Integer.getInteger("lastcall.requests", 100_000) / 10;
  private static final String TOKEN = "a-token-of-operators";
  private static final Pattern FORM_TOKEN =
      Pattern.compile("name=\"form_token\" value=\"([^\"]+)\"");

  private static final Set<Integer> ALLOWED =
      Set.of(
          100, 200, 202, 204, 303, 304, 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 417, 421,
          422, 431, 503, 505);

  @TempDir Path directory;

  @Test
  void nothingBreaksTheManagementPort() throws Exception {
    long seed = HttpFuzz.seed("nothingBreaksTheManagementPort");
    try (ServiceProcess service =
        ServiceProcess.start(directory, "management.token=" + TOKEN, "smtp.embedded-delay=10ms")) {
      JqwikSession.run(() -> fuzz(service, seed));
    }
  }

  private static void fuzz(ServiceProcess service, long seed) throws Exception {
    int port = service.port("management");
    signUp(service, 0);
    service.await("welcome e-mail sent", 20);
    List<String> ids = new ArrayList<>(service.rows().select("SELECT id FROM outbox"));
    ManagementRequests requests =
        new ManagementRequests(TOKEN, formToken(port), new ManagementPaths(ids));
    ServiceWatch watch = new ServiceWatch(service);
    HttpFuzz fuzz =
        new HttpFuzz(
            seed, new FuzzClient(port, "/observe/health/live"), ALLOWED, requests.exchanges());
    Reading first = null;
    for (int fifth = 1; fifth <= 5; fifth++) {
      fuzz.runUntil(REQUESTS / 5 * fifth);
      watch.awaitNoConnections(port);
      Reading reading = watch.read();
      first = first == null ? reading : first;
      watch.assertNotGrown(first, reading, 40);
      signUp(service, fifth);
    }
    System.out.println(fuzz.requests() + " requests: " + fuzz.counts());
    watch.assertLogIsCalm();
    for (String status : List.of("200", "303", "401", "422")) {
      assertTrue(fuzz.counts().containsKey(status), "never " + status);
    }
  }

  /** So that there is something to look at, whatever was deleted. */
  private static void signUp(ServiceProcess service, int round) throws Exception {
    try (SignupClient client = new SignupClient(service.port())) {
      for (int i = 0; i < 20; i++) {
        assertEquals(202, client.signUp("ann" + i + "." + round + "@example.org").status());
      }
    }
  }

  private static String formToken(int port) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/mailbox"))
            .header("Authorization", "Bearer " + TOKEN)
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      Matcher field =
          FORM_TOKEN.matcher(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
      assertTrue(field.find(), "the page has no form");
      return field.group(1);
    }
  }
}
