package lastcall.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HttpLogConfig;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;

/**
 * The time limits that Helidon does not keep: a request, head and body, is complete within
 * limits.request-timeout of its first byte; an answer is taken by the client within
 * limits.response-timeout; a connection without a request is closed after limits.idle-timeout. A
 * handler that works is under no limit here.
 *
 * <p>One daemon thread looks twenty times a second for connections that last too long, and closes
 * the socket under them. Nothing is interrupted, so no interrupt can hit what comes next.
 */
public final class RequestTimeouts implements ServerConnectionSelector {
  private static final EventLog LOG = EventLog.of(RequestTimeouts.class);
  private static final long TICK = Duration.ofMillis(50).toNanos();

  private final AppConfig.Limits limits;
  private final Http1ConnectionSelector http1;
  // By thread, since a connection has one of its own, and a filter is not told the connection.
  private final Map<Thread, TimedConnection> connections = new ConcurrentHashMap<>();
  private final AtomicLong accepted = new AtomicLong();
  private volatile boolean leaving;
  private volatile boolean closing;
  private volatile Duration requestTimeout;

  public RequestTimeouts(AppConfig.Limits limits) {
    this.limits = limits;
    this.requestTimeout = limits.requestTimeout();
    Http1Config config =
        Http1Config.builder()
            .log(HttpLogConfig.builder().receiveLog(false).sendLog(false).build()) // passwords
            .build();
    this.http1 = Http1ConnectionSelector.builder().config(config).build();
    Thread.ofPlatform().daemon().name("request-timeouts").start(this::watch);
  }

  /** A server all of whose connections are under these limits, with error answers in our form. */
  public WebServerConfig.Builder server(
      String host, int port, int maxConnections, Consumer<HttpRouting.Builder> handlers) {
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
        .directHandlers(ProblemDetails.directHandlers())
        .routing(routing -> {
          routing.addFilter((chain, in, out) -> current().filter(chain, in, out));
          handlers.accept(routing);
        });
  }

  private void watch() {
    // Not even an interrupt ends it: whoever is connected is watched until the process dies.
    while (true) {
      LockSupport.parkNanos(TICK);
      Thread.interrupted();
      try {
        connections.values().forEach(TimedConnection::check);
      } catch (RuntimeException e) { // of one connection: the next look closes it
        LOG.error(e, "looking after connections failed");
      }
    }
  }

  /** To be called on a request's thread when its body was read: from now on it is our time. */
  void received() {
    current().received();
  }

  private TimedConnection current() {
    return Objects.requireNonNull(
        connections.get(Thread.currentThread()), "not a request's thread");
  }

  /** Every answer from now on closes its connection, and nobody pauses after a refusal. */
  void leave() {
    leaving = true;
    connections.keySet().forEach(LockSupport::unpark);
  }

  /**
   * Connections without a request are closed a moment later, those with one after it. Helidon is
   * not asked to do this: it interrupts the threads that it takes for idle, hits some that just got
   * a request, and misses connections that were accepted and not yet registered.
   */
  void closeIdle() {
    closing = true;
    connections.values().forEach(TimedConnection::closeIfIdle);
  }

  /**
   * From now on a request is complete in that time, or it is answered with 408: one that comes
   * slowly must not outlast the grace, and be cut off without an answer.
   */
  void hurryRequests(Duration limit) {
    if (limit.compareTo(requestTimeout) < 0) {
      requestTimeout = limit;
    }
    connections.values().forEach(connection -> connection.hurry(limit));
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  /** Once the grace is over. Closed first: who was counted as cut off can't answer any more. */
  void cut() {
    connections.forEach((thread, connection) -> {
      connection.close(true);
      thread.interrupt();
    });
  }

  void add(TimedConnection connection) {
    connections.put(Thread.currentThread(), connection);
  }

  void remove() {
    connections.remove(Thread.currentThread());
  }

  boolean leaving() {
    return leaving;
  }

  boolean closing() {
    return closing;
  }

  /** Connections so far. */
  long accepted() {
    return accepted.get();
  }

  AppConfig.Limits limits() {
    return limits;
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
