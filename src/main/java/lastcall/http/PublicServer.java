package lastcall.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.spi.ProtocolConfig;
import java.time.Duration;
import lastcall.config.AppConfig;

/** The server of the API. It is started once and stopped once. */
public final class PublicServer {
  /**
   * Connections at a time; more wait in the backlog. Each costs about 30 KB, and Helidon's listener
   * ends for good when it runs out of file descriptors, so the limit is well below theirs.
   */
  private static final int MAX_CONNECTIONS = 4096;

  private static final int BACKLOG = 1024;

  /** Between our count of those that are late and Helidon's interrupt, which empties the count. */
  private static final Duration COUNTED = Duration.ofMillis(100);

  private final InFlightRequests inFlight = new InFlightRequests();
  private final RequestTimeouts timeouts;
  private final DrainFilter filter;
  private final Duration requestGrace;
  private final WebServer server;

  public PublicServer(
      AppConfig.Server config,
      AppConfig.Limits limits,
      Duration requestGrace,
      SignupEndpoint endpoint) {
    this.requestGrace = requestGrace;
    Http1Config http1 =
        Http1Config.builder()
            .addReceiveListener(new RequestFraming())
            .receiveLog(false)
            .sendLog(false)
            .build();
    this.timeouts = new RequestTimeouts(limits, http1);
    this.filter = new DrainFilter(inFlight, timeouts);
    this.server =
        WebServer.builder()
            .host(config.host())
            .port(config.port())
            .backlog(BACKLOG)
            .maxTcpConnections(MAX_CONNECTIONS)
            .maxPayloadSize(limits.maxBody())
            .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
            // Helidon's NIO socket ignores that a write may be partial: a slow reader's answers
            // would be torn.
            .useNio(false)
            .shutdownHook(false) // the stop has one owner
            .shutdownGracePeriod(requestGrace.plus(COUNTED)) // see stop
            .featuresDiscoverServices(false)
            .addConnectionSelector(timeouts)
            .addProtocol(new OnlyOurs())
            .directHandlers(ProblemDetails.directHandlers())
            .routing(
                routing -> {
                  routing.addFilter(filter);
                  endpoint.routing(routing);
                })
            .build();
  }

  /**
   * @throws IllegalStateException when the address can't be had; Helidon has logged why
   */
  public void start() {
    server.start();
    if (!server.isRunning()) {
      throw new IllegalStateException("the API's address is not available");
    }
  }

  /** The port that was bound, -1 when not running. */
  public int port() {
    return server.port();
  }

  public InFlightRequests inFlight() {
    return inFlight;
  }

  /** At the signal: answers close their connections from now on, requests are still admitted. */
  public void startDraining() {
    filter.startDraining();
  }

  /** After the pre-stop delay: every request that comes now is answered with 503. */
  public void stopAdmitting() {
    filter.startDraining();
    inFlight.stopAdmitting();
  }

  /**
   * Closes the listener and the connections without a request, waits for the others up to the
   * grace, then interrupts their handlers. It returns at the latest a second after the grace.
   * Stopping again, or what never ran, does nothing.
   *
   * @return how many requests outlived the grace: Helidon closes their connections, so that their
   *     clients get no answer, even where the handlers still end
   */
  public int stop() {
    stopAdmitting();
    timeouts.stopIdle();
    // Helidon waits for its listener thread without a bound.
    Thread stop = Thread.ofPlatform().daemon().name("stop-http").start(server::stop);
    int cutOff = inFlight.awaitNone(requestGrace) ? 0 : inFlight.count();
    try {
      stop.join(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return cutOff;
  }

  /**
   * Takes the place of Helidon's own HTTP/1.1, which is added whatever {@code
   * protocolsDiscoverServices} says: with two selectors Helidon reads the first bytes itself, under
   * no limit, and ours never sees them.
   */
  private record OnlyOurs() implements ProtocolConfig {
    @Override
    public String type() {
      return "http_1_1";
    }

    @Override
    public String name() {
      return "http_1_1";
    }
  }
}
