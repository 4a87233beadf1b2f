package lastcall.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import lastcall.config.AppConfig;

/**
 * The time limits that Helidon does not keep: a request, head and body, is complete within
 * limits.request-timeout of its first byte; an answer is taken by the client within
 * limits.response-timeout; a connection without a request is closed after limits.idle-timeout. A
 * handler that works is under no limit here.
 *
 * <p>It stands between Helidon's listener and its HTTP/1.1 connection, where every read and write
 * passes; one daemon thread looks ten times a second for those that last too long, and closes the
 * socket under them. Nothing is interrupted, so no interrupt can hit what comes next.
 */
final class RequestTimeouts implements ServerConnectionSelector {
  private static final long TICK = Duration.ofMillis(100).toNanos();

  private final AppConfig.Limits limits;
  private final Http1ConnectionSelector http1;
  // By thread, since a connection has one of its own, and a filter is not told the connection.
  private final Map<Thread, TimedConnection> connections = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  RequestTimeouts(AppConfig.Limits limits, Http1Config config) {
    this.limits = limits;
    this.http1 = Http1ConnectionSelector.builder().config(config).build();
    long shortest =
        Math.min(
            limits.idleTimeout().toNanos(),
            Math.min(limits.requestTimeout().toNanos(), limits.responseTimeout().toNanos()));
    long tick = Math.min(TICK, Math.max(1_000_000, shortest / 10));
    Thread.ofPlatform().daemon().name("request-timeouts").start(() -> watch(tick));
  }

  private void watch(long tick) {
    // Not even an interrupt ends it: whoever is connected is watched until the process dies.
    while (true) {
      LockSupport.parkNanos(tick);
      Thread.interrupted();
      connections.values().forEach(TimedConnection::check);
    }
  }

  /**
   * Connections without a request are closed, at once or a moment after their last one; those with
   * a request are closed after it. Helidon is not asked to do this: it interrupts the threads that
   * it takes for idle, hits some that just got a request, and misses connections that were accepted
   * and not yet registered.
   */
  void stopIdle() {
    stopping = true;
    connections.values().forEach(TimedConnection::endIdle);
  }

  /** To be called on the request's thread when it was read whole and answered. */
  void requestDone() {
    TimedConnection connection = connections.get(Thread.currentThread());
    if (connection != null) {
      connection.requestDone();
    }
  }

  boolean stopping() {
    return stopping;
  }

  AppConfig.Limits limits() {
    return limits;
  }

  void add(TimedConnection connection) {
    connections.put(Thread.currentThread(), connection);
  }

  void remove() {
    connections.remove(Thread.currentThread());
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    TimedConnection timed = new TimedConnection(this, context.serverSocket());
    return timed.around(http1.connection(new TimedContext(context, timed)));
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
