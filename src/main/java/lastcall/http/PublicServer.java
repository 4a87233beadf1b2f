package lastcall.http;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Logger;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;
import lastcall.shutdown.Deadline;

/**
 * The server of the API. It is started once and stopped once, and its states follow one another:
 *
 * <ul>
 *   <li><em>serving</em> from {@link #start()} on;
 *   <li><em>leaving</em> from {@link #leave()} on: requests are still admitted, and each answer
 *       closes its connection, so that its client connects somewhere else the next time;
 *   <li><em>refusing</em> from {@link #refuse()} on: a new request is answered with 503;
 *   <li><em>closing</em> within {@link #stop()}: connections without a request are closed, then the
 *       listener, and the requests in flight are waited for.
 * </ul>
 */
public final class PublicServer {
  private static final int BACKLOG = 1024;

  /** A field, because java.util.logging forgets a logger that nobody holds, and its filter. */
  private static final Logger HELIDON = Logger.getLogger("io.helidon.webserver.ServerListener");

  /** How long a connection of our own may take to come through the backlog. */
  private static final Duration LAST_CALL = Duration.ofSeconds(1);

  /** Limits the connections of our own, because clients may ignore their 503 and connect again. */
  private static final int LAST_CALLS = 10;

  /** How long a handler may take to react to its interrupt, before stop returns without it. */
  private static final Duration AFTER_GRACE = Duration.ofMillis(250);

  private static final EventLog LOG = EventLog.of(PublicServer.class);

  /** The time between two lines of the log while requests finish. */
  private static final Duration PROGRESS = Duration.ofSeconds(1);

  private final InFlightRequests inFlight;
  private volatile int cutOff;
  private final RequestTimeouts timeouts;
  private final String host;
  private final Duration requestGrace;
  private final ListeningServer server;

  /**
   * @param connections how many at a time; more wait in the backlog
   * @param routes what it serves
   */
  public PublicServer(
      AppConfig.Server config,
      int connections,
      AppConfig.Limits limits,
      Duration requestGrace,
      PublicRoutes routes) {
    this.inFlight = new InFlightRequests(routes::refused);
    // Helidon stops its executor right after it has closed the listener. A connection that its
    // listener thread accepts in between is closed, as one in the backlog is; Helidon logs that as
    // an ERROR with a stack trace, which would alarm whoever reads the log of a stop.
    HELIDON.setFilter(record -> !(record.getThrown() instanceof RejectedExecutionException));
    this.host = config.host(); // to "0.0.0.0" or "::", emptyBacklog connects over loopback
    this.requestGrace = requestGrace;
    Cors cors = new Cors(config.corsOrigins());
    this.timeouts = new RequestTimeouts(limits, cors);
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
                          routing.addFilter(cors);
                          routes.setup(routing);
                        })
                    .backlog(BACKLOG)
                    .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                    // A little longer than ours, so that we count the requests that are late
                    // before Helidon interrupts them.
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

  /** Leaving, at the signal: answers close their connections, requests are still admitted. */
  public void leave() {
    timeouts.leave();
  }

  /** Refusing, after the pre-stop delay: every request that comes now is answered with 503. */
  public void refuse() {
    timeouts.leave();
    inFlight.refuse();
  }

  /**
   * Closing: closes the listener and the connections without a request, and waits for the admitted
   * requests. When the grace is over, it closes their connections and interrupts their handlers. It
   * returns a quarter of a second after the grace at the latest, whatever a handler does. A second
   * call does nothing, nor does one before the start.
   */
  public void stop() throws InterruptedException {
    refuse();
    timeouts.hurryRequests(requestGrace.dividedBy(2)); // the other half is for the 408
    // On a thread of its own, because Helidon waits for its listener thread without a bound.
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

  /** How many requests are admitted and not yet answered. */
  public int inFlight() {
    return inFlight.count();
  }

  /** How many requests were in flight when the grace was over, and so were cut off. */
  public int cutOff() {
    return cutOff;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void close() {
    if (server.port() >= 0) {
      emptyBacklog();
      // Only now: the thread of each connection that came before our own has had its turn at the
      // processor, so no connection is taken for idle whose request waits in the socket.
      timeouts.closeIdle();
      server.stop();
    }
  }

  /**
   * Waits until Helidon has accepted the connections in the backlog: closing the listener would
   * reset them without an answer. Connections are accepted in the order in which they came. So this
   * thread connects, too, and when Helidon has closed that connection, all earlier ones have their
   * thread. It repeats that until no other connection came meanwhile.
   */
  private void emptyBacklog() {
    for (int call = 0; call < LAST_CALLS; call++) {
      long before = timeouts.accepted();
      try (Socket last = new Socket()) {
        // Bounded, because connecting to a full backlog takes minutes.
        last.connect(new InetSocketAddress(host, server.port()), (int) LAST_CALL.toMillis());
        last.setSoTimeout((int) LAST_CALL.toMillis());
        last.shutdownOutput(); // the server closes it: the first request of a process takes 300 ms
        last.getInputStream().read();
      } catch (IOException e) {
        return; // All connections are in use, or it took too long: what is left will be reset.
      }
      if (timeouts.accepted() - before == 1) {
        return;
      }
    }
  }
}
