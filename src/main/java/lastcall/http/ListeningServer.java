package lastcall.http;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * A Helidon server that is replaced when its listener dies. Helidon's listener thread stops for
 * good when accept fails, as it does when the process has no file descriptor left. The server then
 * still calls itself running, and the thread hangs in its own stop.
 *
 * <p>So once a second a daemon thread tries to bind the port. If it can, no listener has it.
 */
public final class ListeningServer {
  private static final EventLog LOG = EventLog.of(ListeningServer.class);
  private static final long LOOK = Duration.ofSeconds(1).toNanos();

  /** After so many looks at a port without a listener, restarting the process is the better way. */
  private static final int HOPELESS = 10;

  private final String name;
  private final String host;
  private final Supplier<WebServerConfig.Builder> config;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable WebServer server; // written under the lock
  private boolean stopped; // guarded by lock
  private volatile int deaf; // how many looks in a row found no listener

  /**
   * @param name for the log
   * @param config makes a new configuration for each server; a successor gets the first one's port
   */
  public ListeningServer(String name, String host, Supplier<WebServerConfig.Builder> config) {
    this.name = name;
    this.host = host;
    this.config = config;
  }

  /**
   * @throws IllegalStateException when the address is not available; Helidon has logged why
   */
  public void start() {
    server = started(config.get().build());
    InetSocketAddress address = new InetSocketAddress(host, port());
    Thread.ofPlatform().daemon().name("listener-" + name).start(() -> watch(address));
  }

  private WebServer started(WebServer fresh) {
    fresh.start();
    if (!fresh.isRunning()) {
      throw new IllegalStateException("the address of the " + name + " is not available");
    }
    return fresh;
  }

  /** The port that was bound, -1 before the start. */
  public int port() {
    WebServer now = server;
    return now == null ? -1 : now.port();
  }

  /** Whether clients can connect, as far as the last look showed. */
  public boolean listens() {
    return deaf == 0;
  }

  /** Whether it has not listened for so long that only a restart of the process will help. */
  public boolean hopeless() {
    return deaf >= HOPELESS;
  }

  private void watch(InetSocketAddress address) {
    boolean over = false;
    for (int missed = 0; !over; deaf = missed) {
      LockSupport.parkNanos(LOOK);
      try {
        boolean free = free(address);
        missed = free ? missed + 1 : 0;
        over = free && succeed(address.getPort());
      } catch (IOException | RuntimeException e) { // probably no file descriptor is left
        missed++;
        LOG.error(e, "no new connections are accepted server=%s", name);
      }
    }
  }

  private static boolean free(InetSocketAddress address) throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true); // open connections must not hold the port
      probe.bind(address);
      return true;
    } catch (BindException e) {
      return false; // the listener has it
    }
  }

  /** Returns true if the port is free because the server was stopped. */
  private boolean succeed(int port) {
    lock.lock();
    try {
      if (!stopped) {
        LOG.error("listener died, another one takes its place server=%s", name);
        server = started(config.get().port(port).build());
      }
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for Helidon's grace at most. Before the start and the second time it does nothing. */
  void stop() {
    lock.lock();
    try {
      WebServer last = server;
      if (last != null && !stopped) {
        stopped = true;
        last.stop();
      }
    } finally {
      lock.unlock();
    }
  }
}
