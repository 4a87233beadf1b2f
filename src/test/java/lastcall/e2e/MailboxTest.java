package lastcall.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastcall.drill.Rows;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded mail server of a real service, read and troubled over its management port. */
final class MailboxTest {
  @TempDir Path directory;

  private static HttpRequest.Builder request(ServiceProcess service, String path) throws Exception {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + service.port("management") + path))
        .timeout(ServiceProcess.GUARD);
  }

  private static HttpResponse<String> ask(
      ServiceProcess service, String method, String path, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          request(service, path).method(method, BodyPublishers.ofString(body)).build();
      return http.send(request, BodyHandlers.ofString());
    }
  }

  private Set<String> files() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("mailbox"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void aSignUpIsReadInTheMailboxAndAWaitDoesNotHoldUpTheStop() throws Exception {
    try (ServiceProcess service = ServiceProcess.start(directory);
        HttpClient http = HttpClient.newHttpClient()) {
      try (SignupClient client = new SignupClient(service.port())) {
        assertEquals(202, client.signUp("ann@example.org").status());
      }
      String mail =
          ask(service, "GET", "/api/mailbox/wait?to=ann@example.org&timeout=30s", "").body();
      String id = mail.replaceFirst("^\\{\"id\":\"([^\"]+).*\\s*", "$1");
      assertEquals(Set.of(id + ".eml"), files());
      String page = ask(service, "GET", "/mailbox/" + id, "").body();
      assertTrue(page.contains("<iframe sandbox=\"\""), page);
      assertTrue(page.contains("href=\"/outbox/" + id.replace("@", "%40")), page);

      CompletableFuture<HttpResponse<String>> waiting =
          http.sendAsync(
              request(service, "/api/mailbox/wait?to=bob@example.org&timeout=30s").build(),
              BodyHandlers.ofString());
      long begin = System.nanoTime();
      service.signal("TERM");
      assertEquals(0, service.awaitExit());
      assertTrue(System.nanoTime() - begin < 25_000_000_000L, "it waited for the waiting client");
      waiting.exceptionally(gone -> null).join(); // 503, or cut by the exit
    }
  }

  /** Whatever the mail server does, each e-mail arrives, or its row says why not. */
  @Test
  void theServiceSurvivesEachTrouble() throws Exception {
    try (ServiceProcess service =
        ServiceProcess.start(directory, "delivery.backoff.initial=10ms", "smtp.dot-timeout=1s")) {
      Rows rows = service.rows();
      String[] troubles = {
        "{\"at\":\"rcpt\",\"reply\":\"451 4.7.1 greylisted\",\"next\":3}",
        "{\"at\":\"dot\",\"reply\":\"452 4.3.1 full\",\"next\":3}",
        "{\"at\":\"any\",\"reply\":\"421 4.3.2 come back later\",\"next\":3}",
        "{\"at\":\"connect\",\"kind\":\"drop\",\"next\":2}",
        "{\"at\":\"rcpt\",\"kind\":\"drop\",\"next\":1}",
        "{\"at\":\"dot\",\"kind\":\"silence\",\"next\":2}",
        "{\"at\":\"dot\",\"kind\":\"drop\",\"next\":2}",
        "{\"at\":\"rcpt\",\"reply\":\"550 5.1.1 nobody\",\"next\":1}"
      };
      int accepted = 0;
      for (String trouble : troubles) {
        assertEquals(200, ask(service, "PUT", "/api/mailbox/trouble", trouble).statusCode());
        try (SignupClient client = new SignupClient(service.port())) {
          for (int i = 0; i < 5; i++) {
            assertEquals(202, client.signUp("user" + ++accepted + "@example.org").status());
          }
        }
        // What is unknown or deferred is tried again at once, not in minutes.
        while (rows.count("outbox WHERE state = 'due'") > 0) {
          rows.update("UPDATE outbox SET due_at = 0 WHERE state = 'due' AND owner IS NULL");
          Thread.onSpinWait();
        }
        String left = ask(service, "DELETE", "/api/mailbox/trouble", "").body();
        assertTrue(left.startsWith("{\"on\":false"), left);
      }
      assertEquals(accepted - 1, rows.count("outbox WHERE state = 'sent'"));
      assertEquals(1, rows.count("outbox WHERE state = 'refused'"));
      Set<String> mails =
          files().stream()
              .map(name -> name.replaceFirst("(\\.\\d+)?\\.eml$", ""))
              .collect(Collectors.toSet());
      assertEquals(accepted - 1, mails.size(), "lost none");
      assertTrue(files().size() > mails.size(), "those whose answer was lost came twice");
      assertTrue(ask(service, "GET", "/mailbox", "").body().contains("came 2 times"));
      service.signal("TERM");
      assertEquals(0, service.awaitExit());
    }
  }
}
