package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.stream.Collectors;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ListeningServerTest {
  /** The interrupt ends its accept with an exception, as a lack of file descriptors does. */
  @Test
  void aDeadListenerHasASuccessorOnItsPort() throws Exception {
    Set<Thread> others = listeners();
    try (ServerFixture fixture = new ServerFixture(ServerFixture::accept)) {
      int port = fixture.server.port();
      for (int deaths = 0; deaths < 2; deaths++) {
        Thread listener =
            listeners().stream().filter(t -> !others.contains(t)).findAny().orElseThrow();
        others.add(listener); // it hangs for ever
        listener.interrupt();
        ListeningServer server = fixture.server.listener();
        TestDatabase.await("its death is seen", () -> !server.listens());
        TestDatabase.await("it listens again", server::listens);
        assertEquals(port, fixture.server.port());
        try (HttpTestClient client = fixture.client()) {
          client.send(post(GOOD));
          assertEquals(202, client.read().status());
        }
      }
      assertEquals(0, fixture.stop());
    }
  }

  @Test
  void aStoppedServerHasNone() throws Exception {
    ServerFixture fixture = new ServerFixture(ServerFixture::accept);
    assertEquals(0, fixture.stop());
    TestDatabase.await("nobody looks any more", () -> threads("listener-api").isEmpty());
  }

  @Test
  void aServerThatNeverRanStops() throws Exception {
    new ListeningServer(
            "x",
            "127.0.0.1",
            () -> {
              throw new AssertionError("built");
            })
        .stop();
  }

  private static Set<Thread> listeners() {
    return threads("server-@default-listener");
  }

  private static Set<Thread> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .collect(Collectors.toSet());
  }
}
