package lastcall.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One connection under the limits of {@link RequestTimeouts}: it waits for the first byte of each
 * request itself, then gives that one request to an HTTP/1.1 connection of Helidon.
 */
final class TimedConnection implements ServerConnection {
  /** After this a stop closes a connection without a request: long enough for one on its way. */
  private static final Duration LAST_WORD = Duration.ofMillis(150);

  /**
   * After an answer with Retry-After the connection's thread reads no request for that long, but
   * not for longer than this. So a client that repeats at once is held up and costs nothing: 100 of
   * them got 1,400 refusals a second, which took half of the processor from the sign-ups that were
   * accepted. Not longer, since the client's own time limit runs meanwhile.
   */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);

  /** How long an unread rest of a request is thrown away: a RST would take its answer along. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private static final ProblemDetails TIMEOUT =
      new ProblemDetails(
          Status.REQUEST_TIMEOUT_408, "request-timeout", "the request took too long to come");

  private enum Kind {
    IDLE,
    REQUEST,
    HANDLER,
    RESPONSE,
    LINGER,
    ENDED
  }

  /** What the connection does, and when that has lasted long enough, by nanoTime. */
  private record Phase(Kind kind, long until) {
    static Phase of(Kind kind, Duration limit) {
      return new Phase(kind, System.nanoTime() + limit.toNanos());
    }
  }

  private final RequestTimeouts timeouts;
  private final ServerConnectionSelector selector;
  private final ConnectionContext context;
  // Under this object's monitor: moved on by the owner, and to ENDED by the watch before it closes
  // the socket. So either the owner got on, and nothing happens to it, or it finds ENDED and goes.
  private Phase phase;
  private @Nullable ServerConnection http1;
  private boolean kept;
  private Duration pause = Duration.ZERO;
  private boolean unread;

  TimedConnection(
      RequestTimeouts timeouts, ServerConnectionSelector selector, ConnectionContext context) {
    this.timeouts = timeouts;
    this.selector = selector;
    this.context = context;
    this.phase = Phase.of(Kind.IDLE, timeouts.limits().idleTimeout());
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    timeouts.add(this);
    try {
      do {
        awaitRequest();
        kept = false;
        http1 = selector.connection(context);
        http1.handle(limit);
      } while (kept);
    } finally {
      linger();
      timeouts.remove();
    }
  }

  private void awaitRequest() {
    enter(Kind.IDLE, timeouts.limits().idleTimeout().plus(pause));
    if (timeouts.closing()) {
      closeIfIdle(); // the flag may have been set before our wait could be seen
    }
    // The drain ends the pause, so that a request that waits is answered and not closed upon.
    long end = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); left > 0 && !timeouts.leaving(); ) {
      LockSupport.parkNanos(this, left); // not in a monitor, which would pin the carrier on 21–23
      left = end - System.nanoTime();
    }
    try {
      context.dataReader().ensureAvailable();
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("closed by the client", e);
    }
    enterRequest();
    unread = true;
  }

  /** The limit is read under the monitor, or a stop that shortens it could miss this request. */
  private synchronized void enterRequest() {
    enter(Kind.REQUEST, timeouts.requestTimeout());
  }

  /** Around every request: the phases, and whether the connection lives on. */
  void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (request.content().consumed()) {
      received(); // no body
    }
    response.beforeSend(() -> {
      enter(Kind.RESPONSE, timeouts.limits().responseTimeout());
      if (timeouts.leaving()
          || request.headers().values(HeaderNames.CONNECTION).stream()
              .anyMatch("close"::equalsIgnoreCase)
          || !request.content().consumed()) {
        response.header(HeaderValues.CONNECTION_CLOSE);
      }
    });
    chain.proceed();
    unread = !request.content().consumed();
    if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
      // The header alone does not make Helidon close, and it would read what is left of an unread
      // body as the next request.
      throw new CloseConnectionException("answered with Connection: close");
    }
    pause = pause(response.headers().value(HeaderNames.RETRY_AFTER).map(Long::parseLong));
    kept = true;
    if (http1 != null) {
      http1.close(false); // it returns after this request: the wait for the next one is ours
    }
  }

  private static Duration pause(Optional<Long> retryAfter) {
    Duration asked = Duration.ofSeconds(retryAfter.orElse(0L));
    return asked.compareTo(MAX_PAUSE) < 0 ? asked : MAX_PAUSE;
  }

  void received() {
    enter(Kind.HANDLER, Duration.ofNanos(Long.MAX_VALUE)); // no limit
  }

  private synchronized void enter(Kind kind, Duration limit) {
    if (phase.kind() == Kind.ENDED) {
      throw new CloseConnectionException("a time limit or the stop has closed this connection");
    }
    phase = Phase.of(kind, limit);
  }

  /** Throws away what is left of a request that was answered before it was read whole. */
  private void linger() {
    try {
      if (unread) {
        enter(Kind.LINGER, LINGER);
        while (context.serverSocket().get() != null) {}
      }
    } catch (CloseConnectionException | UncheckedIOException e) {
      // Closed is what we want.
    }
  }

  /** Called by the watch. */
  void check() {
    Kind last;
    synchronized (this) {
      if (System.nanoTime() - phase.until() < 0) {
        return;
      }
      last = phase.kind();
      // If the answer to a client that sent too little blocks, the next check closes.
      phase = Phase.of(Kind.ENDED, LINGER);
    }
    if (last == Kind.REQUEST) {
      Thread.ofVirtual().start(this::requestTimeout);
    } else {
      close(true);
    }
  }

  void closeIfIdle() {
    shorten(Kind.IDLE, LAST_WORD);
  }

  /** A request that is still coming has no more time than that. */
  void hurry(Duration limit) {
    shorten(Kind.REQUEST, limit);
  }

  private synchronized void shorten(Kind kind, Duration limit) {
    Phase last = Phase.of(kind, limit);
    if (phase.kind() == kind && phase.until() - last.until() > 0) {
      phase = last;
    }
  }

  private void requestTimeout() {
    try {
      context.serverSocket().write(BufferData.create(TIMEOUT.toHttp()));
    } catch (UncheckedIOException e) {
      // The client has gone: there is nobody to tell.
    } finally {
      close(true);
    }
  }

  /** By Helidon with false: a stop, for which see closeIdle of the limits; all else closes. */
  @Override
  public void close(boolean now) {
    try {
      if (now) {
        context.serverSocket().close();
      }
    } catch (UncheckedIOException e) {
      // It was closed by the other side or by the connection's own thread.
    }
  }

  @Override
  public Duration idleTime() {
    return Duration.ZERO; // we close idle connections ourselves
  }
}
