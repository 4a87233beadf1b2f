package lastcall.drill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Connections that cost their server something and bring it nothing. One of two sends a byte of a
 * request each second, one of four never sends one, and one of four is kept and idle after a
 * request. One that the server closes is opened again. A single thread works on all of them, so
 * that they take little of the processor from the server.
 */
public final class SlowConnections implements AutoCloseable {
  private static final int TURNS = 20; // in a second; in each it works on as many of them
  private static final byte[] REQUEST =
      ("POST /v1/users HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
              + "Content-Length: 64\r\n\r\n{\"name\":\"")
          .getBytes(US_ASCII);
  private static final byte[] WHOLE =
      "GET /openapi HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(US_ASCII);

  private final class Connection {
    final int number;
    SocketChannel channel;
    int sent;
    boolean up;

    Connection(int number) throws IOException {
      this.number = number;
      this.channel = SocketChannel.open();
      open();
    }

    /** Of a backlog that is full it does not wait to be let in. */
    void open() throws IOException {
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      up = channel.connect(server);
      sent = 0;
      opened.incrementAndGet();
    }

    void turn() throws IOException {
      try {
        if (!up) {
          up = channel.finishConnect();
        }
        if (up && number % 2 == 0) {
          sent += channel.write(ByteBuffer.wrap(REQUEST, sent % REQUEST.length, 1));
        } else if (up && number % 4 == 1 && sent == 0) {
          sent += channel.write(ByteBuffer.wrap(WHOLE));
        }
        read.clear();
        int got = up ? channel.read(read) : 0;
        while (got > 0) {
          read.clear();
          got = channel.read(read);
        }
        if (got >= 0) {
          return;
        }
      } catch (IOException e) {
        // Reset, or refused: as if it were closed.
      }
      channel.close();
      closed.incrementAndGet();
      open();
    }
  }

  private final InetSocketAddress server;
  private final List<Connection> connections = new ArrayList<>();
  private final ByteBuffer read = ByteBuffer.allocate(64 * 1024);
  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;

  /** Opens them, all within the first second. */
  public SlowConnections(int port, int count) {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    thread = Thread.ofPlatform().daemon().name("slow").start(() -> run(count));
  }

  private void run(int count) {
    try {
      for (int turn = 0; !over.await(1000 / TURNS, TimeUnit.MILLISECONDS); turn++) {
        while (connections.size() < Math.min(count, (turn + 1) * count / TURNS)) {
          connections.add(new Connection(connections.size()));
        }
        for (int i = turn % TURNS; i < connections.size(); i += TURNS) {
          connections.get(i).turn();
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("no more connections", e);
    } finally {
      for (Connection connection : connections) {
        try {
          connection.channel.close();
        } catch (IOException e) {
          // It is of no use any more.
        }
      }
    }
  }

  /** How many the server closed, each of which was opened again. */
  public int closed() {
    return closed.get();
  }

  public int opened() {
    return opened.get();
  }

  boolean alive() {
    return thread.isAlive();
  }

  @Override
  public void close() throws IOException {
    over.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
