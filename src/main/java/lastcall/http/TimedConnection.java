package lastcall.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One connection under the limits of {@link RequestTimeouts}. All fields but {@code wait} belong to
 * the connection's own thread.
 */
final class TimedConnection implements ServerConnection, DataWriter {
  /** After this a connection without a request is closed by a stop: long enough for one on its way. */
  private static final long LAST_WORD = Duration.ofMillis(250).toNanos();

  /** How long an unread rest of a request is thrown away, so that its answer is not lost to a RST. */
  private static final long LINGER = Duration.ofSeconds(1).toNanos();

  private enum Kind {
    IDLE,
    REQUEST,
    LINGER,
    RESPONSE,
    ENDED
  }

  /** A read or write that blocks, and when that has lasted long enough, by nanoTime. */
  private record Wait(Kind kind, long since, long until) {}

  private final RequestTimeouts timeouts;
  private final HelidonSocket socket;
  private final DataReader reader;
  private @Nullable ServerConnection http1;
  // The owner puts its wait in and takes it out; whoever ends it swaps it for an ENDED one first.
  // So either the owner got through, and nothing happens to it, or it finds ENDED and closes.
  private final AtomicReference<@Nullable Wait> wait = new AtomicReference<>();
  private boolean inRequest;
  private boolean answering;
  private long requestEnd;
  private long idleSince = System.nanoTime();

  TimedConnection(RequestTimeouts timeouts, HelidonSocket socket) {
    this.timeouts = timeouts;
    this.socket = socket;
    this.reader = DataReader.create(this::read);
  }

  TimedConnection around(ServerConnection connection) {
    this.http1 = connection;
    return this;
  }

  DataReader reader() {
    return reader;
  }

  DataWriter writer() {
    return this;
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    timeouts.add(this);
    try {
      if (http1 != null) {
        http1.handle(limit);
      }
    } finally {
      try {
        linger();
      } finally {
        timeouts.remove();
      }
    }
  }

  void requestDone() {
    inRequest = false;
    answering = false;
    idleSince = System.nanoTime();
  }

  private byte[] read() {
    long now = System.nanoTime();
    if (!inRequest && reader.available() > 0) {
      beginRequest(now); // its first bytes came together with the request before
    }
    byte[] data =
        inRequest
            ? read(new Wait(Kind.REQUEST, now, requestEnd))
            : read(new Wait(Kind.IDLE, idleSince, idleEnd()));
    if (data == null) {
      inRequest = false; // there is no rest that could still come
      throw new CloseConnectionException("closed by the client");
    }
    if (!inRequest) {
      beginRequest(System.nanoTime());
    }
    return data;
  }

  private void beginRequest(long now) {
    inRequest = true;
    answering = false;
    requestEnd = now + timeouts.limits().requestTimeout().toNanos();
  }

  private long idleEnd() {
    return idleSince + timeouts.limits().idleTimeout().toNanos();
  }

  private byte @Nullable [] read(Wait mine) {
    begin(mine);
    try {
      return socket.get();
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("read failed", e);
    } finally {
      end();
    }
  }

  private void begin(Wait mine) {
    wait.set(mine);
    if (mine.kind() == Kind.IDLE && timeouts.stopping()) {
      endIdle(); // the flag may have been set before our wait could be seen
    }
  }

  private void end() {
    Wait last = wait.getAndSet(null);
    if (last == null || last.kind() == Kind.ENDED) {
      inRequest = false;
      throw new CloseConnectionException("a time limit or the stop has closed this connection");
    }
  }

  /** Throws away what is left of a request that was answered before it was read whole. */
  private void linger() {
    long until = System.nanoTime() + LINGER;
    try {
      while (inRequest && System.nanoTime() - until < 0) {
        if (read(new Wait(Kind.LINGER, 0, until)) == null) {
          return;
        }
      }
    } catch (CloseConnectionException e) {
      return; // closed is what we want
    }
  }

  /** Called by the watch. */
  void check() {
    Wait now = wait.get();
    if (now == null || System.nanoTime() - now.until() < 0) {
      return;
    }
    // Answering a client that sent too little must not hold the watch: if that blocks, the next
    // check finds ENDED past its time and closes.
    Wait ended = new Wait(Kind.ENDED, 0, System.nanoTime() + LINGER);
    if (wait.compareAndSet(now, ended)) {
      if (now.kind() == Kind.REQUEST && !answering) {
        Thread.ofVirtual().start(this::requestTimeout);
      } else {
        close();
      }
    }
  }

  void endIdle() {
    Wait now = wait.get();
    if (now != null && now.kind() == Kind.IDLE) {
      long until = Math.min(now.until(), now.since() + LAST_WORD);
      wait.compareAndSet(now, new Wait(Kind.IDLE, now.since(), until));
    }
  }

  private void requestTimeout() {
    byte[] body =
        new ProblemDetails(
                Status.REQUEST_TIMEOUT_408, "request-timeout", "the request took too long to come")
            .toJson();
    String head =
        "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
            + "Connection: close\r\nContent-Length: " + body.length + "\r\n\r\n";
    try {
      socket.write(BufferData.create(head.getBytes(StandardCharsets.US_ASCII)));
      socket.write(BufferData.create(body));
    } catch (UncheckedIOException e) {
      // The client has gone: there is nobody to tell.
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (UncheckedIOException e) {
      // It was closed by the other side or by the connection's own thread.
    }
  }

  /** By Helidon: a stop (see {@link RequestTimeouts#stopIdle}), or true once its grace is over. */
  @Override
  public void close(boolean interrupt) {
    if (interrupt) {
      close();
    }
  }

  @Override
  public Duration idleTime() {
    return Duration.ZERO; // we close idle connections ourselves
  }

  @Override
  public void write(BufferData buffer) {
    answering = true;
    long now = System.nanoTime();
    begin(new Wait(Kind.RESPONSE, now, now + timeouts.limits().responseTimeout().toNanos()));
    try {
      socket.write(buffer);
    } catch (UncheckedIOException e) {
      throw new ServerConnectionException("write failed", e);
    } finally {
      end();
    }
  }

  @Override
  public void write(BufferData... buffers) {
    write(BufferData.create(buffers));
  }

  @Override
  public void writeNow(BufferData... buffers) {
    write(buffers);
  }

  @Override
  public void writeNow(BufferData buffer) {
    write(buffer);
  }
}
