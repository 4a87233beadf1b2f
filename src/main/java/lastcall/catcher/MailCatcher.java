package lastcall.catcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import lastcall.log.EventLog;

/** A mail server for trying things out: real SMTP on a loopback port. It delivers to nobody. */
public final class MailCatcher implements AutoCloseable {
  private static final EventLog LOG = EventLog.of(MailCatcher.class);
  private static final int MAX_CONNECTIONS = 1_000;

  private final Acceptance acceptance;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService connections =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("mail-catcher-", 0).factory());

  /**
   * @param acceptance what becomes of the mails
   * @param port 0 for a free one
   */
  public MailCatcher(Acceptance acceptance, int port) throws IOException {
    this.acceptance = acceptance;
    listener = new ServerSocket();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 256);
    Thread.ofPlatform().daemon().name("mail-catcher").start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** How many clients are connected, or have not been seen to leave. */
  public int connections() {
    return open.size();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        serve(listener.accept());
      } catch (IOException e) {
        if (!listener.isClosed()) { // out of file descriptors, most likely
          LOG.warn(e, "mail catcher could not accept");
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
      }
    }
  }

  private void serve(Socket socket) throws IOException {
    open.add(socket);
    if (listener.isClosed() || open.size() > MAX_CONNECTIONS) {
      hangUp(socket);
      return;
    }
    boolean served = false;
    try {
      connections.execute(() -> converse(socket));
      served = true;
    } catch (RejectedExecutionException e) {
      // closed meanwhile
    } finally {
      if (!served) {
        hangUp(socket);
      }
    }
  }

  private void converse(Socket socket) {
    try {
      new CatcherSession(socket, acceptance).run();
    } catch (IOException | InterruptedException e) {
      LOG.debug(e, "mail catcher lost a connection");
    } finally {
      hangUp(socket);
    }
  }

  private void hangUp(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  /** Ends all connections; what had no 250 yet is not kept. Takes a second at the most. */
  @Override
  public void close() throws IOException {
    listener.close();
    acceptance.closed();
    connections.shutdownNow(); // ends the delays
    open.forEach(this::hangUp);
    try {
      if (!connections.awaitTermination(1, TimeUnit.SECONDS)) {
        LOG.warn("mail catcher left connections behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
