package lastcall.http;

import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import lastcall.config.AppConfig;

/**
 * Counts what clients lose when the server stops under load: plain Helidon beside ours. The numbers
 * are in docs/decisions/0005-helidon-version.md. It is no test, since a race has no threshold:
 *
 * <pre>{@code
 * mvn package -DskipTests
 * java --enable-preview -cp 'target/test-classes:target/classes:target/lib/*' \
 *   lastcall.http.StopMeasurement plain|ours obedient|stubborn STOPS [SEED]
 * }</pre>
 *
 * <p>32 clients post without a pause, half of them on one connection as long as it lives, half on a
 * new one for each request, and the server is stopped after 0 to 600 requests. An obedient client
 * ends at its first 503, a stubborn one when it can't connect any more.
 */
final class StopMeasurement {
  private static final int CLIENTS = 32;
  private static final int MOST_REQUESTS = 600;
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final byte[] BODY = "{\"id\":1}".getBytes();

  private final boolean ours;
  private final boolean stubborn;

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger handled = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger acceptedWithoutAnswer = new AtomicInteger();
  private final AtomicInteger neverAccepted = new AtomicInteger();
  private final AtomicInteger keptAndClosed = new AtomicInteger();
  private final AtomicInteger silent = new AtomicInteger();

  /** Ports of clients whose connections Helidon has given to a thread, in this round. */
  private final Set<Integer> accepted = ConcurrentHashMap.newKeySet();

  private StopMeasurement(boolean ours, boolean stubborn) {
    this.ours = ours;
    this.stubborn = stubborn;
  }

  /** A server that runs. */
  private record Server(int port, Stop stop) {
    interface Stop {
      void run() throws InterruptedException;
    }
  }

  public static void main(String[] args) throws Exception {
    long seed = args.length > 3 ? Long.parseLong(args[3]) : System.nanoTime();
    StopMeasurement measurement =
        new StopMeasurement(args[0].equals("ours"), args[1].equals("stubborn"));
    Logger helidon = Logger.getLogger("io.helidon");
    helidon.setLevel(Level.SEVERE);
    Logger handlers = Logger.getLogger("io.helidon.webserver.ConnectionHandler");
    handlers.setUseParentHandlers(false);
    handlers.setLevel(Level.FINE);
    handlers.addHandler(measurement.new Accepted());
    int stops = Integer.parseInt(args[2]);
    Random random = new Random(seed);
    for (int round = 0; round < stops; round++) {
      measurement.round(random.nextInt(MOST_REQUESTS));
    }
    System.out.println(
        "server=" + args[0] + " clients=" + args[1] + " stops=" + stops + " seed=" + seed);
    measurement.print();
    System.exit(0);
  }

  private void print() {
    row("connections", connections);
    row("requests handled", handled);
    row("202 read", answered);
    row("503 read", refused);
    System.out.println("handled, answer lost: " + (handled.get() - answered.get()));
    row("accepted, no byte of an answer", acceptedWithoutAnswer);
    row("never accepted, reset or closed", neverAccepted);
    row("kept connection closed under its next request", keptAndClosed);
    row("neither answer nor end for 10 s", silent);
  }

  private static void row(String what, AtomicInteger count) {
    System.out.println(what + ": " + count);
  }

  private void round(int requests) throws Exception {
    accepted.clear();
    CountDownLatch reached = new CountDownLatch(requests);
    Server server = start(reached);
    Thread[] clients = new Thread[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
      boolean keep = i % 2 == 0;
      clients[i] = Thread.ofVirtual().start(() -> client(server.port(), keep));
    }
    reached.await();
    server.stop().run();
    for (Thread client : clients) {
      client.join();
    }
  }

  private Server start(CountDownLatch reached) {
    if (!ours) {
      WebServer plain =
          WebServer.builder()
              .host("127.0.0.1")
              .port(0)
              .backlog(1024)
              .shutdownHook(false)
              .shutdownGracePeriod(GRACE)
              .routing(routing -> routes(routing, reached))
              .build()
              .start();
      return new Server(plain.port(), plain::stop);
    }
    PublicServer server =
        new PublicServer(
            new AppConfig.Server("127.0.0.1", 0, Set.of()),
            4096,
            ServerFixture.LIMITS,
            GRACE,
            List.of(),
            routing -> routes(routing, reached));
    server.start();
    return new Server(server.port(), server::stop);
  }

  private void routes(HttpRouting.Builder routing, CountDownLatch reached) {
    routing.post(
        "/v1/users",
        (request, response) -> {
          request.content().as(byte[].class);
          handled.incrementAndGet();
          reached.countDown();
          response.status(Status.ACCEPTED_202).send(BODY);
        });
  }

  private void client(int port, boolean keep) {
    boolean more = true;
    while (more) {
      more = connection(port, keep);
    }
  }

  /** Returns false when this client is through. */
  private boolean connection(int port, boolean keep) {
    try (HttpTestClient client = new HttpTestClient(port)) {
      connections.incrementAndGet();
      client.socket.setSoTimeout(10_000);
      boolean first = true;
      do {
        HttpTestClient.Response response = exchange(client);
        if (response == null) {
          (first ? lost(client.socket.getLocalPort()) : keptAndClosed).incrementAndGet();
          return true;
        }
        first = false;
        (response.status() == 202 ? answered : refused).incrementAndGet();
        if (response.status() != 202) {
          return stubborn;
        }
        if (response.header("connection").equals("close")) {
          return true;
        }
      } while (keep);
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (SocketTimeoutException e) {
      silent.incrementAndGet();
      return true;
    } catch (IOException e) {
      return true; // reset while it connected: nothing was sent
    }
  }

  private AtomicInteger lost(int port) {
    return accepted.contains(port) ? acceptedWithoutAnswer : neverAccepted;
  }

  private static HttpTestClient.Response exchange(HttpTestClient client) throws IOException {
    try {
      client.send(HttpTestClient.post(ServerFixture.GOOD));
    } catch (java.net.SocketException e) {
      return null; // an answer may still be there, but not for a client that looks no further
    }
    return client.read();
  }

  /** Helidon logs {@code accepted socket from HOST:PORT} on the thread of the connection. */
  private final class Accepted extends Handler {
    @Override
    public void publish(LogRecord record) {
      String message = record.getMessage().toLowerCase(Locale.ROOT);
      if (message.contains("accepted socket from")) {
        accepted.add(Integer.valueOf(message.substring(message.lastIndexOf(':') + 1).strip()));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
