package lastcall.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lastcall.Main;
import lastcall.drill.LogLine;
import lastcall.drill.ServiceProcess;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;

/** Whoever is forgotten stands nowhere any more. */
final class ForgetTest extends ServiceTest {
  private String forget(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("forget"));
    all.addAll(List.of(arguments));
    all.add("-Ddatabase.url=jdbc:sqlite:" + directory + "/lastcall.db");
    try (ServiceProcess command =
        ServiceProcess.other(Main.class, directory, all.toArray(String[]::new))) {
      int status = command.awaitExit();
      return status
          + " "
          + String.join("\n", command.log().stream().map(LogLine::text).toList())
          + command.stderr();
    }
  }

  private static void signUp(ServiceProcess service, String name, String email) throws Exception {
    String body =
        "{\"name\":\"" + name + "\",\"email\":\"" + email + "\",\"password\":\"Secret12\"}";
    URI uri = URI.create("http://127.0.0.1:" + service.port() + "/v1/users");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(uri)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .timeout(ServiceProcess.GUARD)
              .build();
      assertEquals(202, http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }

  private static String page(ServiceProcess service) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + service.port("management") + "/mailbox");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(ServiceProcess.GUARD).build();
      HttpResponse<String> page = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(200, page.statusCode());
      return page.body();
    }
  }

  /** Files of the data directory, or the log, that hold the text; capitals don't matter. */
  private List<String> where(ServiceProcess service, String text) throws IOException {
    String part = text.toLowerCase(Locale.ROOT);
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        boolean library = file.toString().contains("lastcall.lib");
        String bytes = library ? "" : new String(Files.readAllBytes(file), ISO_8859_1);
        if (bytes.toLowerCase(Locale.ROOT).contains(part)) {
          found.add(directory.relativize(file).toString());
        }
      }
    }
    String log = String.join("\n", service.log().stream().map(LogLine::text).toList());
    if ((log + service.stderr()).toLowerCase(Locale.ROOT).contains(part)) {
      found.add("log");
    }
    return found;
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("mailbox"))) {
      return files.count();
    }
  }

  @Test
  void nothingIsLeftInRowsFilesAndLog() throws Exception {
    try (ServiceProcess service = ServiceProcess.start(directory)) {
      signUp(service, 150); // so that pages of the database were split
      signUp(service, "Zebedee Quux", "Zeb.Quux@Example.org");
      signUp(service, "Xanthippe Blau", "xanthippe@b\u00fccher.example");
      signUp(service, 150, "more");
      TestDatabase.await(
          "all are sent",
          () -> {
            try {
              return files() == 302 && service.rows().count("outbox WHERE state = 'sent'") == 302;
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      assertTrue(page(service).contains("</html>"));
      assertTrue(where(service, "zeb.quux").size() >= 2, "the test can find what is there");
      String rows = ": users 1, outbox 1, attempts 0, hidden_signups 0, files in mailbox/ 1";
      assertTrue(
          forget("zeb.quux@example.org", "--dry-run").startsWith("0 would be deleted" + rows));
      assertFalse(where(service, "Zebedee").isEmpty());
      assertTrue(forget("  ZEB.Quux@EXAMPLE.org ").startsWith("0 deleted" + rows));
      assertTrue(forget("Xanthippe@B\u00dcCHER.example").startsWith("0 deleted" + rows));
      for (String name :
          List.of("zeb.quux", "Zebedee", "Quux", "xanthippe", "Blau", "xn--bcher-kva")) {
        assertEquals(List.of(), where(service, name), name);
      }
      assertEquals(300, files());
      page(service); // shows the others
      assertEquals("0 nothing found", forget("zeb.quux@example.org"));
      signUp(service, "Zebedee Quux", "zeb.quux@example.org"); // anew
      assertEquals(0, term(service));
    }
  }

  @Test
  void anEmailThatIsBeingSentHoldsItUp() throws Exception {
    smtp.on(Step.RCPT, Action.silence(), 1);
    try (ServiceProcess service = start()) {
      signUp(service, 1);
      smtp.awaitReached(Step.RCPT, 1, ServiceProcess.GUARD);
      String said = forget("user0@example.org");
      assertTrue(said.startsWith("1 lastcall forget: an e-mail to this address is being"), said);
      assertEquals(1, service.rows().count("users"));
      service.signal("KILL");
      service.awaitExit();
    }
  }

  @Test
  void whatIsNoAddressIsRefused() throws Exception {
    assertTrue(forget("ada").startsWith("2 lastcall forget: ADDRESS is an e-mail address"));
    assertTrue(forget("ada@example.org").contains("there is no database yet"));
  }
}
