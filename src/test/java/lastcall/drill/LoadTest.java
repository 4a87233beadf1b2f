package lastcall.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
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
