package lastcall.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HttpLogConfig;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;

/**
 * Puts the connections of a server under the time limits that Helidon does not keep. A request,
 * head and body, is complete within limits.request-timeout of its first byte. The client takes its
 * answer within limits.response-timeout. A connection without a request is closed after
 * limits.idle-timeout. A handler that works is under no limit here.
 *
 * <p>Twenty times a second, one daemon thread checks every connection. When a limit has passed, it
 * closes the socket, which ends the read or the write that the connection's thread waits in. It
 * does not interrupt that thread: the interrupt could arrive late and hit the next request.
 *
 * <p>One of 16 connections that the server may have is kept free: for one that is missing, one is
 * ended that has had no request for a second, or whose request has taken a second to come. So
 * clients that are slow or idle, whatever their number, can't keep others from connecting.
 */
public final class RequestTimeouts implements ServerConnectionSelector {
  private static final EventLog LOG = EventLog.of(RequestTimeouts.class);
  private static final long TICK = Duration.ofMillis(50).toNanos();

  /** The limit while connections are scarce. */
  private static final Duration SCARCE = Duration.ofSeconds(1);

  private final AppConfig.Limits limits;
  private final Cors cors;
  private final Http1ConnectionSelector http1;
  private final Set<TimedConnection> connections = ConcurrentHashMap.newKeySet();
  private final AtomicLong accepted = new AtomicLong();
  private volatile int plenty = Integer.MAX_VALUE; // with more connections they are scarce
  private volatile boolean leaving;
  private volatile boolean closing;
  private volatile Duration requestTimeout;

  public RequestTimeouts(AppConfig.Limits limits, Cors cors) {
    this.limits = limits;
    this.cors = cors;
    this.requestTimeout = limits.requestTimeout();
    Http1Config config =
        Http1Config.builder()
            .log(HttpLogConfig.builder().receiveLog(false).sendLog(false).build()) // passwords
            // RequestReader has its own limits, which answer with the right status and a detail.
            .maxPrologueLength(2 * RequestReader.MAX_LINE)
            .maxHeadersSize(2 * RequestReader.MAX_HEADERS)
            .build();
    this.http1 = Http1ConnectionSelector.builder().config(config).build();
    Thread.ofPlatform().daemon().name("request-timeouts").start(this::watch);
  }

  /** A server all of whose connections are under these limits, with error answers in our form. */
  public WebServerConfig.Builder server(
      String host, int port, int maxConnections, Consumer<HttpRouting.Builder> handlers) {
    plenty = maxConnections - Math.max(1, maxConnections / 16);
    return WebServer.builder()
        .host(host)
        .port(port)
        .maxTcpConnections(maxConnections)
        .maxPayloadSize(limits.maxBody())
        .shutdownHook(false) // the stop has one owner
        .featuresDiscoverServices(false)
        .addConnectionSelector(this)
        // With a second selector, Helidon's own, Helidon would read the first bytes of a connection
        // itself, under no time limit, to find out which of the two is meant.
        .protocolsDiscoverServices(false)
        .errorHandling(ErrorHandling.builder().includeEntity(true).build())
        .directHandlers(ProblemDetails.directHandlers(limits.maxBody(), cors))
        .routing(routing -> {
          routing.addFilter((chain, in, out) -> TimedConnection.of(in).filter(chain, in, out));
          handlers.accept(routing);
        });
  }

  private void watch() {
    while (true) { // until the process dies: the management server is never stopped
      LockSupport.parkNanos(TICK);
      Thread.interrupted(); // or parkNanos would no longer wait
      try {
        checkAll();
      } catch (RuntimeException e) { // the failure of one connection must not end the limits of all
        LOG.error(e, "looking after connections failed");
      }
    }
  }

  private void checkAll() {
    long idle = early(limits.idleTimeout());
    long request = early(requestTimeout);
    int tooMany = connections.size() - plenty;
    for (boolean kept : List.of(false, true)) { // a proxy's kept connections last
      for (TimedConnection connection : connections) {
        if (connection.kept == kept) {
          boolean scarce = tooMany > 0;
          tooMany -= connection.check(scarce ? idle : 0, scarce ? request : 0) ? 1 : 0;
        }
      }
    }
  }

  /** How much earlier than that the limit passes while connections are scarce. */
  private static long early(Duration limit) {
    return Math.max(0, limit.minus(SCARCE).toNanos());
  }

  /** Leaving: from now on every answer closes its connection, and no connection pauses. */
  void leave() {
    leaving = true;
    connections.forEach(TimedConnection::endPause);
  }

  /**
   * Closing: a connection without a request is closed a moment later, one with a request after its
   * answer. We do this ourselves because Helidon's stop interrupts the threads that it takes for
   * idle: it hits some that have just begun a request, and it misses connections that it has
   * accepted and not yet registered.
   */
  void closeIdle() {
    closing = true;
    connections.forEach(TimedConnection::closeIfIdle);
  }

  /**
   * From now on a request is complete in that time, or it is answered with 408. Without this, a
   * request that comes slowly would outlast the grace of the stop and be cut off.
   */
  void hurryRequests(Duration limit) {
    if (limit.compareTo(requestTimeout) < 0) {
      requestTimeout = limit;
    }
    connections.forEach(connection -> connection.hurry(limit));
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  /** When the grace is over: closes what is left, and interrupts the handlers. */
  void cut() {
    connections.forEach(TimedConnection::cut);
  }

  void add(TimedConnection connection) {
    connections.add(connection);
  }

  void remove(TimedConnection connection) {
    connections.remove(connection);
  }

  boolean leaving() {
    return leaving;
  }

  boolean closing() {
    return closing;
  }

  /** How many connections Helidon has accepted so far. */
  long accepted() {
    return accepted.get();
  }

  AppConfig.Limits limits() {
    return limits;
  }

  Cors cors() {
    return cors;
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    accepted.incrementAndGet();
    return new TimedConnection(this, http1, context);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }
}
