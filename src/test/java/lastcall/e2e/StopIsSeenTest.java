package lastcall.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;

/** The stop, watched from outside while it happens. */
final class StopIsSeenTest extends ServiceTest {
  private static Socket ask(ServiceProcess service, String path) throws Exception {
    Socket socket = new Socket("127.0.0.1", service.port("management"));
    socket.setSoTimeout((int) ServiceProcess.GUARD.toMillis());
    String head = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(UTF_8));
    return socket;
  }

  /** All events of the stream, until the process is gone. */
  private static List<String> events(Socket stream) throws IOException {
    List<String> events = new ArrayList<>();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.getInputStream(), UTF_8));
    try {
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.startsWith("data: ")) {
          events.add(line.substring(6));
        }
      }
    } catch (SocketException e) {
      // The process has ended with the connection open.
    }
    return events;
  }

  private static List<String> all(String event, String field) {
    return Pattern.compile("\"" + field + "\":\"?([^,\"}]*)")
        .matcher(event)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private static String first(String event, String field) {
    return all(event, field).stream().findFirst().orElse("");
  }

  @Test
  void everyPhaseIsSeenAndWhatEachSendDoes() throws Exception {
    smtp.delay(Duration.ofSeconds(2));
    try (ServiceProcess service = start()) {
      FutureTask<List<String>> watched;
      try (Socket stream = ask(service, "/api/events")) {
        watched = new FutureTask<>(() -> events(stream));
        Thread.ofPlatform().daemon().start(watched);
        signUp(service, 5);
        assertEquals(0, term(service));
        List<String> events = watched.get();
        List<String> states = events.stream().map(e -> first(e, "state")).distinct().toList();
        assertEquals(List.of("serving", "stopping"), states.subList(0, 2), states::toString);
        List<String> draining =
            events.stream().filter(e -> e.contains("\"phase\":\"drain\"")).toList();
        assertFalse(draining.isEmpty(), events::toString);
        String drain = draining.getFirst();
        // Of a send, which may still connect when the drain begins.
        assertTrue(draining.stream().anyMatch(e -> all(e, "phase").contains("dot")), drain);
        assertTrue(
            draining.stream().anyMatch(e -> all(e, "if_cut").contains("awaits-answer")), drain);
        long deadline = Long.parseLong(first(drain, "deadline_in_ms"));
        assertEquals(1000, deadline - Long.parseLong(first(drain, "cut_in_ms")), 100);
        String last = events.getLast();
        assertTrue(all(last, "name").contains("drain"), last);
        assertEquals(List.of(), all(last, "if_cut"), last); // no send runs any more
        assertTrue(all(last, "outcome").contains("sent"), last);
      }
    }
  }

  /** By what was read from the database too, which a page that comes first does not have yet. */
  @Test
  void thePageSaysWhatTheJsonSays() throws Exception {
    try (ServiceProcess service = start()) {
      signUp(service, 3);
      String json = "";
      while (!json.contains("\"sent\":3") || !json.contains("\"oldest_due_ms\":null")) {
        json = body(service, "/api/status");
      }
      String page = body(service, "/");
      assertTrue(page.contains("accepted 3  in flight 0 of 32  sent 3"), page);
      String line = body(service, "/?format=line");
      assertTrue(line.startsWith("serving accepted=3 in_flight=0 sent=3"), line);
      String html = html(service);
      assertTrue(html.contains("<dt>Sign-ups accepted</dt><dd>3</dd>"), html);
      assertTrue(html.contains("<dt>Oldest due since</dt><dd></dd>"), html);
    }
  }

  private static String html(ServiceProcess service) throws Exception {
    return send(service, "/", "text/html");
  }

  private static String body(ServiceProcess service, String path) throws Exception {
    return send(service, path, "text/plain");
  }

  private static String send(ServiceProcess service, String path, String accept) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + service.port("management") + path);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(uri).header("Accept", accept).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  @Test
  void fiftyStreamsThatReadNothingHoldUpNothing() throws Exception {
    List<Socket> streams = new ArrayList<>();
    try (ServiceProcess service = start()) {
      for (int i = 0; i < 50; i++) {
        Socket stream = ask(service, "/api/events");
        assertEquals('H', stream.getInputStream().read());
        streams.add(stream);
      }
      assertEquals(200, health(service, "ready").statusCode());
      signUp(service, 5);
      assertEquals(0, term(service));
      assertTrue(service.log("stopped server").getFirst().text().contains("status=0"));
      assertEquals(List.of(), service.log("shutdown phase takes too long"));
    } finally {
      for (Socket stream : streams) {
        stream.close();
      }
    }
  }

  /** The order that a balancer relies on: it looks away first, and then connections are refused. */
  @Test
  void readyGoesDownBeforeThePublicPortAndLiveHoldsToTheEnd() throws Exception {
    smtp.delay(Duration.ofSeconds(1));
    try (ServiceProcess service = start("shutdown.pre-stop-delay=1s")) {
      signUp(service, 3);
      service.signal("TERM");
      boolean downWhileOpen = false;
      boolean liveWhileClosed = false;
      try {
        while (true) {
          boolean open = accepts(service.port());
          boolean ready = health(service, "ready").statusCode() == 200;
          assertEquals(200, health(service, "live").statusCode());
          downWhileOpen |= open && !ready;
          liveWhileClosed |= !open;
          assertFalse(!open && ready, "the port is closed and ready says yes");
        }
      } catch (IOException gone) {
        // Live was asked until the process was gone.
      }
      assertEquals(0, service.awaitExit());
      assertTrue(downWhileOpen, "ready went down while the port was open");
      assertTrue(liveWhileClosed, "live answered behind the closed port");
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
