package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import lastcall.drill.SignupClient.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where the load goes when an instance does not answer. */
final class LoadTest {
  /** They begin again behind the last, and their clients go on to the next. */
  private record Several(List<Integer> ports) implements Load.Targets {
    @Override
    public int count() {
      return ports.size();
    }

    @Override
    public int port(int i) {
      return ports.get(i % count());
    }

    @Override
    public boolean patient() {
      return true;
    }
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @Test
  @Timeout(60)
  void aClientGoesOnToTheNextInstance() throws Exception {
    int dead;
    try (ServerSocket gone = listen()) {
      dead = gone.getLocalPort();
    }
    try (ServerSocket cuts = listen();
        ServerSocket serves = listen()) {
      Thread.ofVirtual().start(() -> answer(cuts, false));
      Thread.ofVirtual().start(() -> answer(serves, true));
      Load.Targets targets = new Several(List.of(dead, cuts.getLocalPort(), serves.getLocalPort()));
      Load load = new Load(new Load.Plan(3, 1, 0), targets, "x");
      load.awaitAccepted(3); // or until the only client has ended
      assertEquals(
          Map.of(
              "x.0@drill.example",
              Answer.UNANSWERED,
              "x.1@drill.example",
              202,
              "x.2@drill.example",
              202),
          load.end());
    }
  }

  /** The second try has the key of the first, and the last answer counts. */
  @Test
  @Timeout(60)
  void a503IsRepeatedWithItsKey() throws Exception {
    List<String> requests = new CopyOnWriteArrayList<>();
    try (ServerSocket listener = listen()) {
      Thread.ofVirtual().start(() -> refuseFirst(listener, requests));
      Load load = new Load(new Load.Plan(2, 1, 0), Load.Targets.one(listener.getLocalPort()), "x");
      load.awaitAccepted(2); // or until the only client has ended
      assertEquals(Map.of("x.0@drill.example", 202, "x.1@drill.example", 202), load.end());
      assertEquals(1, load.repeated());
    }
    assertEquals(3, requests.size(), requests::toString);
    assertEquals(requests.get(0), requests.get(1));
    assertTrue(requests.get(0).contains("\r\nIdempotency-Key: "), requests.get(0));
  }

  private static void refuseFirst(ServerSocket listener, List<String> requests) {
    try (Socket client = listener.accept()) {
      StringBuilder request = new StringBuilder();
      for (int c = client.getInputStream().read(); c >= 0; c = client.getInputStream().read()) {
        request.append((char) c);
        if (c == '}') {
          String answer =
              requests.isEmpty()
                  ? "503 Service Unavailable\r\nRetry-After: 0\r\n"
                  : "202 Accepted\r\n";
          requests.add(request.toString());
          request.setLength(0);
          answer = "HTTP/1.1 " + answer + "Content-Length: 0\r\n\r\n";
          client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void answer(ServerSocket listener, boolean serve) {
    try {
      while (true) {
        Socket client = listener.accept();
        if (serve) {
          Ceiling.answerAll(client);
        } else {
          client.getInputStream().read(); // a request, or a reset would be told as refused
          client.close();
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }
}
