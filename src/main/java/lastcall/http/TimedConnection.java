package lastcall.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One connection under the limits of {@link RequestTimeouts}. Its thread waits here for the first
 * byte of each request, then gives that one request to an HTTP/1.1 connection of Helidon.
 */
final class TimedConnection implements ServerConnection {
  /** When closing, a connection without a request has this long for one that is on its way. */
  private static final Duration LAST_WORD = Duration.ofMillis(150);

  /**
   * After an answer with Retry-After, the connection's thread pauses for that long, at most for
   * this long, before it reads the next request. Without the pause, 100 clients that repeated at
   * once got 1,400 refusals a second, which took half of the processor from the sign-ups that were
   * accepted. The pause is short because the client's own time limit runs meanwhile.
   */
  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);

  /**
   * How long the unread rest of a request is read and thrown away after its answer. Closing with
   * unread bytes would make the kernel send a reset, and the client could lose the answer.
   */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private enum Kind {
    IDLE,
    REQUEST,
    HANDLER,
    RESPONSE,
    LINGER,
    ENDED
  }

  /** What the connection does, and until when it may, by nanoTime. */
  private record Phase(Kind kind, long until) {
    static Phase of(Kind kind, Duration limit) {
      return new Phase(kind, System.nanoTime() + limit.toNanos());
    }
  }

  private final RequestTimeouts timeouts;
  private final ServerConnectionSelector selector;
  final ConnectionContext context; // not private, for ClientWatch
  private final Thread thread = Thread.currentThread();
  // Guarded by this object's monitor. The connection's thread moves it on. The watching thread sets
  // it to ENDED before it closes the socket. So no limit can hit a phase that follows the one that
  // lasted too long: the connection's thread has either moved on before, or finds ENDED.
  private Phase phase;
  private @Nullable ServerConnection http1;
  private volatile RequestReader request;
  volatile boolean kept; // it has had a request; the watching thread ends such a one last
  private Duration pause = Duration.ZERO;
  private boolean unread;

  TimedConnection(
      RequestTimeouts timeouts, ServerConnectionSelector selector, ConnectionContext context) {
    this.timeouts = timeouts;
    this.selector = selector;
    this.context = context;
    this.request = new RequestReader(context.dataReader());
    this.phase = Phase.of(Kind.IDLE, timeouts.limits().idleTimeout());
  }

  /** The connection that a request came on. */
  static TimedConnection of(ServerRequest request) {
    return request.context().get(TimedConnection.class).orElseThrow();
  }

  @Override
  public void handle(Limit limit) {
    // All requests of this connection get this context, which leads them back to it. Helidon's
    // socket id would not: it is an identity hash, which two connections may share.
    Context requests = Context.create(context.listenerContext().context());
    requests.register(this);
    timeouts.add(this);
    try {
      boolean more = true;
      while (more) {
        awaitRequest();
        more = Contexts.runInContext(requests, () -> handleRequest(limit));
      }
    } finally {
      linger();
      timeouts.remove(this);
    }
  }

  /** Returns whether the connection is kept for another request. */
  private boolean handleRequest(Limit limit) throws InterruptedException {
    kept = false;
    request = new RequestReader(context.dataReader());
    http1 = selector.connection(new RequestContext(context, DataReader.create(request)));
    http1.handle(limit);
    return kept;
  }

  private void awaitRequest() {
    enter(Kind.IDLE, timeouts.limits().idleTimeout().plus(pause));
    if (timeouts.closing()) {
      closeIfIdle(); // closeIdle may have looked at this connection before it was idle
    }
    // Leaving ends the pause: a request that waits in the socket is answered, not closed upon.
    long end = System.nanoTime() + pause.toNanos();
    for (long left = pause.toNanos(); left > 0 && !timeouts.leaving(); ) {
      LockSupport.parkNanos(this, left); // not in a monitor, which would pin the carrier on 21–23
      left = end - System.nanoTime();
    }
    try {
      while (context.dataReader().startsWithNewLine()) {
        context.dataReader().skip(2); // empty lines before a request mean nothing (RFC 9112, 2.2)
      }
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("closed by the client", e);
    }
    enterRequest();
    unread = true;
  }

  /** Reads the limit under the monitor, so that a stop that shortens it can't miss this request. */
  private synchronized void enterRequest() {
    enter(Kind.REQUEST, timeouts.requestTimeout());
  }

  /** Runs around every request: moves the phases on and decides whether the connection is kept. */
  void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (request.content().consumed()) {
      received(); // no body
    }
    response.beforeSend(() -> {
      goesOn();
      timeouts.cors().headers(this.request.origin()).forEach(response::header);
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
      // The header alone does not make Helidon close the connection: it would read what is left of
      // an unread body as the next request.
      throw new CloseConnectionException("answered with Connection: close");
    }
    pause = pause(response.headers().value(HeaderNames.RETRY_AFTER).map(Long::parseLong));
    kept = true;
    if (http1 != null) {
      http1.close(false); // returns after this request, and awaitRequest waits for the next
    }
  }

  private static Duration pause(Optional<Long> retryAfter) {
    Duration asked = Duration.ofSeconds(retryAfter.orElse(0L));
    return asked.compareTo(MAX_PAUSE) < 0 ? asked : MAX_PAUSE;
  }

  /** The request was read whole: limits.request-timeout no longer runs. */
  void received() {
    enter(Kind.HANDLER, Duration.ofNanos(Long.MAX_VALUE)); // no limit
  }

  /** The next part of a long answer is about to be written: limits.response-timeout begins anew. */
  void goesOn() {
    enter(Kind.RESPONSE, timeouts.limits().responseTimeout());
  }

  private synchronized void enter(Kind kind, Duration limit) {
    if (phase.kind() == Kind.ENDED) {
      throw new CloseConnectionException("a time limit or the stop has closed this connection");
    }
    phase = Phase.of(kind, limit);
  }

  /** Reads and throws away what is left of a request that was answered before it was read whole. */
  private void linger() {
    try {
      if (unread) {
        enter(Kind.LINGER, LINGER);
        while (context.serverSocket().get() != null) {}
      }
    } catch (CloseConnectionException | UncheckedIOException e) {
      // Closed by the client, by a limit or by the stop: there is nothing left to read.
    }
  }

  /**
   * Called by the watching thread: ends the connection if its phase has lasted too long.
   *
   * @param idle so many ns earlier than usual, if it has no request
   * @param request likewise, if its request is still being read
   * @return whether it has ended it
   */
  boolean check(long idle, long request) {
    Kind last;
    synchronized (this) {
      last = phase.kind();
      long early = last == Kind.IDLE ? idle : last == Kind.REQUEST ? request : 0;
      if (System.nanoTime() + early - phase.until() < 0) {
        return false;
      }
      // The 408 below may block, so a later check closes the connection under it.
      phase = Phase.of(Kind.ENDED, LINGER);
    }
    if (last == Kind.REQUEST) {
      Thread.ofVirtual().start(this::requestTimeout);
    } else {
      close(true);
    }
    return true;
  }

  void endPause() {
    LockSupport.unpark(thread);
  }

  void closeIfIdle() {
    shorten(Kind.IDLE, LAST_WORD);
  }

  /** A request that is still being read has no more time than that. */
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
      ProblemDetails problem =
          new ProblemDetails(
              Status.REQUEST_TIMEOUT_408,
              "request-timeout",
              "the request did not come whole in time");
      List<Header> cors = timeouts.cors().headers(request.origin());
      context.serverSocket().write(BufferData.create(problem.toHttp(cors)));
    } catch (UncheckedIOException e) {
      // The client has gone.
    } finally {
      close(true);
    }
  }

  /** Closed first, so that a request counted as cut off can't be answered after all. */
  void cut() {
    close(true);
    thread.interrupt();
  }

  /** Helidon calls it with false at its stop, when we close idle connections ourselves. */
  @Override
  public void close(boolean now) {
    try {
      if (now) {
        context.serverSocket().close();
      }
    } catch (UncheckedIOException e) {
      // The client or the connection's thread has closed it.
    }
  }

  @Override
  public Duration idleTime() {
    return Duration.ZERO; // never idle to Helidon: we close idle connections ourselves
  }
}
