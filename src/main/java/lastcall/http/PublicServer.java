package lastcall.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Logger;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;

/** The server of the API. It is started once and stopped once. */
public final class PublicServer {
  /** What it serves. */
  public interface Routes {
    void add(HttpRouting.Builder routing, RequestBodies bodies);
  }

  private static final int BACKLOG = 1024;

  /** A field, since java.util.logging forgets loggers that nobody holds, and their filters. */
  private static final Logger HELIDON = Logger.getLogger("io.helidon.webserver.ServerListener");

  /** For a connection of our own to come through the backlog, before the listener is closed. */
  private static final Duration LAST_CALL = Duration.ofSeconds(1);

  /** Clients who ignore their 503 and go on connecting don't hold the stop for longer. */
  private static final int LAST_CALLS = 10;

  /** What a handler cut off gets to unwind, before stop returns without it. */
  private static final Duration AFTER_GRACE = Duration.ofMillis(250);

  private static final EventLog LOG = EventLog.of(PublicServer.class);

  /** Between two lines of the log while requests finish. */
  private static final Duration PROGRESS = Duration.ofSeconds(1);

  private final InFlightRequests inFlight = new InFlightRequests();
  private volatile int cutOff;
  private final RequestTimeouts timeouts;
  private final String host;
  private final Duration requestGrace;
  private final ListeningServer server;

  /**
   * @param connections at a time; more wait in the backlog
   */
  public PublicServer(
      AppConfig.Server config,
      int connections,
      AppConfig.Limits limits,
      Duration requestGrace,
      Routes routes) {
    // Helidon stops its executor right after it has closed the listener. A connection accepted in
    // between is closed like one that is still in the backlog, and no fault, but an ERROR to it.
    HELIDON.setFilter(record -> !(record.getThrown() instanceof RejectedExecutionException));
    this.host = config.host(); // "0.0.0.0" and "::" connect to loopback
    this.requestGrace = requestGrace;
    this.timeouts = new RequestTimeouts(limits);
    this.server =
        new ListeningServer(
            "api",
            host,
            () ->
                timeouts
                    .server(
                        host,
                        config.port(),
                        connections,
                        routing -> {
                          routing.addFilter(inFlight);
                          routes.add(routing, new RequestBodies(timeouts));
                        })
                    .backlog(BACKLOG)
                    .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                    // A little longer than ours: who is late is counted before Helidon interrupts.
                    .shutdownGracePeriod(requestGrace.plusMillis(100)));
  }

  /**
   * @throws IllegalStateException when the address can't be had; Helidon has logged why
   */
  public void start() {
    server.start();
  }

  /** Whether it accepts connections, and whether it will. */
  public ListeningServer listener() {
    return server;
  }

  /** The port that was bound, -1 when not running. */
  public int port() {
    return server.port();
  }

  /** At the signal: answers close their connections from now on, requests are still admitted. */
  public void leave() {
    timeouts.leave();
  }

  /** After the pre-stop delay: every request that comes now is answered with 503. */
  public void refuse() {
    timeouts.leave();
    inFlight.refuse();
  }

  /**
   * Admits nothing more, closes the listener and the connections without a request, waits for the
   * requests that were admitted up to the grace, then interrupts their handlers and closes their
   * connections. It returns a quarter of a second after the grace at the latest, whatever a handler
   * does. Stopping again, or what never ran, does nothing.
   */
  public void stop() throws InterruptedException {
    refuse();
    timeouts.hurryRequests(requestGrace.dividedBy(2)); // the rest is for its 408
    // On a thread of its own, since Helidon waits for its listener thread without a bound.
    Thread stop = Thread.ofPlatform().daemon().name("stop-http").start(this::close);
    Deadline grace = Deadline.in(requestGrace);
    boolean inTime = stop.join(shorter(PROGRESS, grace.remaining()));
    while (!inTime && !grace.passed()) {
      LOG.info("finishing requests waiting=%s", inFlight.count());
      inTime = stop.join(shorter(PROGRESS, grace.remaining()));
    }
    cutOff = inFlight.count();
    if (!inTime) {
      timeouts.cut();
      stop.join(AFTER_GRACE);
    }
  }

  /** Requests admitted and not yet answered. */
  int inFlight() {
    return inFlight.count();
  }

  /** The requests cut off: in flight when the grace was over. Known even if the stop is not. */
  public int cutOff() {
    return cutOff;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void close() {
    if (server.port() >= 0) {
      emptyBacklog();
      // Now, since a request that was sent before the last of our own has been read by now: so no
      // connection is taken for idle whose thread has only not had its turn at the processor.
      timeouts.closeIdle();
      server.stop();
    }
  }

  /**
   * Closing the listener resets the connections that the kernel has accepted and Helidon has not.
   * They are accepted in the order in which they came: once one of our own was closed, all that
   * came before it have their thread. Repeated until no others came meanwhile.
   */
  private void emptyBacklog() {
    for (int call = 0; call < LAST_CALLS; call++) {
      long before = timeouts.accepted();
      try (Socket last = new Socket()) {
        // With the backlog full, an unbounded one takes minutes.
        last.connect(new InetSocketAddress(host, server.port()), (int) LAST_CALL.toMillis());
        last.setSoTimeout((int) LAST_CALL.toMillis());
        last.shutdownOutput(); // no request, which would take 300 ms if it is the process's first
        last.getInputStream().read();
      } catch (IOException e) {
        return; // All connections are in use, or it is too slow: who waits now, is reset.
      }
      if (timeouts.accepted() - before == 1) {
        return;
      }
    }
  }
}
