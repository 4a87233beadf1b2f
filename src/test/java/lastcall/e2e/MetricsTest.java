package lastcall.e2e;

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
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lastcall.drill.ServiceProcess;
import lastcall.shutdown.Deadline;
import lastcall.testing.Scrape;
import lastcall.testing.ScriptedSmtpServer.Action;
import lastcall.testing.ScriptedSmtpServer.Step;
import org.junit.jupiter.api.Test;

/** What Prometheus gets, and what our alerts and our dashboard ask for. */
final class MetricsTest extends ServiceTest {
  private static final Path DOCS = Path.of("docs");

  /** What an expression of Prometheus is made of, besides names of metrics. */
  private static final Pattern NO_NAMES =
      Pattern.compile(
          "\\{[^}]*}|\\[[^]]*]|\"[^\"]*\"|\\b(by|on|without|ignoring|group_left)\\s*\\([^)]*\\)"
              + "|\\b(and|or|unless|bool|offset|group_left)\\b|\\b\\w+\\s*(?=\\()|\\b[0-9.]+[smhd]?\\b");

  private static Scrape scrape(ServiceProcess service) throws Exception {
    return Scrape.of(service.port("management"));
  }

  private static int get(int port, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(ServiceProcess.GUARD).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static Scrape await(ServiceProcess service, String series, double value)
      throws Exception {
    Deadline end = Deadline.in(ServiceProcess.GUARD);
    Scrape last = scrape(service);
    while (last.value(series) != value) {
      if (end.passed()) {
        throw service.stuck(series + " is never " + value + " but " + last.value(series));
      }
      last = scrape(service);
    }
    return last;
  }

  @Test
  void countsRequestsSignupsAndSends() throws Exception {
    try (ServiceProcess service = start()) {
      signUp(service, 5);
      for (int i = 0; i < 20; i++) {
        get(service.port(), "/path/" + i);
      }
      assertEquals(405, get(service.port(), "/v1/users"));
      smtp.awaitAccepted(5, ServiceProcess.GUARD);
      Scrape scrape = await(service, "lastcall_sends_total{outcome=\"sent\"}", 5);
      String requests = "http_server_request_duration_seconds_count{http_response_status_code=";
      assertEquals(5, scrape.value(requests + "\"202\",http_route=\"/v1/users\"}"));
      assertEquals(1, scrape.value(requests + "\"405\",http_route=\"/v1/users\"}"));
      Set<String> routes = scrape.labels("http_route");
      assertTrue(routes.size() <= 4, () -> "a path that a client made up is no route: " + routes);
      assertEquals(5, scrape.value("lastcall_signups_total{outcome=\"accepted\"}"));
      assertEquals(5, scrape.value("lastcall_time_to_send_seconds_count"));
      assertTrue(scrape.value("lastcall_smtp_connections") >= 1, scrape::text);
      assertTrue(scrape.value("lastcall_commit_batch_size_count") > 0, scrape::text);
      assertEquals(1, scrape.value("lastcall_database_healthy"));
      assertEquals(1, scrape.value("lastcall_gate_open"));
      assertTrue(scrape.value("jvm_memory_used_bytes{area=\"heap\"}") > 0, scrape::text);
      assertFalse(scrape.text().contains("user0"), "no name and no address in a label");
      assertEquals(0, term(service));
    }
  }

  @Test
  void answersWhileTheServiceDrains() throws Exception {
    smtp.on(Step.RCPT, Action.silence(), Integer.MAX_VALUE);
    try (ServiceProcess service = start()) {
      signUp(service, 3);
      smtp.awaitReached(Step.RCPT, 1, ServiceProcess.GUARD);
      assertTrue(Double.isNaN(scrape(service).value("lastcall_stop_deadline_timestamp_seconds")));
      service.signal("TERM");
      Scrape draining = await(service, "lastcall_stop_phase{phase=\"drain\"}", 1);
      double left =
          draining.value("lastcall_stop_deadline_timestamp_seconds")
              - System.currentTimeMillis() / 1000.0;
      assertTrue(left > -5 && left <= 25, "to the deadline: " + left);
      assertEquals(0, draining.value("lastcall_stop_phase{phase=\"announce\"}"));
      assertTrue(draining.value("lastcall_sends_in_flight") >= 1, draining::text);
      assertEquals(143, forced(service)); // not to wait for the deadline
    }
  }

  /** One signal is not enough: within half a second of the first they count as one. */
  private static int forced(ServiceProcess service) throws Exception {
    try {
      while (true) {
        service.signal("TERM");
        scrape(service);
      }
    } catch (IOException e) {
      return service.awaitExit(); // nobody answers any more
    }
  }

  /** By a reading of the whole outbox, and so by every instance alike. */
  @Test
  void countsWhatIsDue() throws Exception {
    smtp.on(Step.MAIL, Action.reply("451 4.3.0 busy"), Integer.MAX_VALUE);
    try (ServiceProcess service = start()) {
      signUp(service, 3);
      Scrape scrape = await(service, "lastcall_gate_open", 0);
      Deadline end = Deadline.in(ServiceProcess.GUARD);
      while (scrape.value("lastcall_outbox_emails{state=\"due\"}") < 2) { // one may be the probe
        assertFalse(end.passed(), scrape.text());
        scrape = scrape(service);
      }
      double oldest = scrape.value("lastcall_outbox_oldest_due_timestamp_seconds");
      double age = System.currentTimeMillis() / 1000.0 - oldest;
      assertTrue(age > -5 && age < 60, "due since " + age + " s");
    }
  }

  @Test
  void alertsAndDashboardAskOnlyForWhatIsExported() throws Exception {
    try (ServiceProcess service = start()) {
      Scrape scrape = scrape(service);
      Set<String> exported = scrape.names();
      exported.add("up"); // Prometheus's own
      for (String file : List.of("alerts.yaml", "grafana.json")) {
        Set<String> names = new TreeSet<>();
        expressions(file).forEach(each -> names.addAll(names(each)));
        assertTrue(names.size() > 5, file + " asks for " + names);
        names.removeAll(exported);
        assertEquals(Set.of(), names, file + " asks for what nobody exports");
      }
      Set<String> documented = new TreeSet<>();
      Pattern row = Pattern.compile("(?m)^\\| `((?:lastcall|http)_\\w+)");
      row.matcher(Files.readString(DOCS.resolve("metrics.md")))
          .results()
          .forEach(found -> documented.add(found.group(1)));
      Set<String> ours = scrape.families();
      ours.removeIf(name -> !name.startsWith("lastcall_") && !name.startsWith("http_"));
      assertEquals(ours, documented, "exported, and in the table of docs/metrics.md");
    }
  }

  @Test
  void namesAreFoundInExpressions() {
    assertEquals(
        Set.of("a_total", "b", "c_bucket"),
        names(
            "sum by (le) (rate(a_total{x=\"y\"}[5m])) / on(z) group_left b > 0.5 unless"
                + " histogram_quantile(0.9, sum(rate(c_bucket[1h])) by (le)) == 1 or time() - b > 5m"));
  }

  private static List<String> expressions(String file) throws IOException {
    Pattern expression =
        file.endsWith(".json")
            ? Pattern.compile("\"expr\": *\"((?:[^\"\\\\]|\\\\.)*)\"")
            : Pattern.compile("(?m)^ *expr: *(.*)$");
    return expression
        .matcher(Files.readString(DOCS.resolve(file)))
        .results()
        .map(found -> found.group(1).replace("\\\"", "\""))
        .toList();
  }

  private static Set<String> names(String expression) {
    String rest = expression;
    for (String before = ""; !before.equals(rest); ) {
      before = rest;
      rest = NO_NAMES.matcher(rest).replaceAll(" ");
    }
    return Pattern.compile("[a-zA-Z_:][\\w:]*")
        .matcher(rest)
        .results()
        .map(found -> found.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
