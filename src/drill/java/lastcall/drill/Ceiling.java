package lastcall.drill;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How fast the drill is without the service: what it measures of the service is below that. */
final class Ceiling {
  private static final Load.Plan PLAN = new Load.Plan(60_000, 32, 0);
  private static final int SENDERS = 8;
  private static final int MESSAGES = 5_000; // each
  private static final byte[] ACCEPTED =
      ascii("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");

  private final PrintStream out;

  Ceiling(PrintStream out) {
    this.out = out;
  }

  void run() throws IOException, InterruptedException {
    for (String which : List.of("warm-up: ", "")) {
      out.printf("%s%,.0f requests/s against a trivial server, ", which, requestsPerSecond());
      out.printf("%,.0f messages/s into the sink%n", messagesPerSecond());
    }
  }

  private static double requestsPerSecond() throws IOException, InterruptedException {
    // The listener is closed first, or the thread that accepts would not end.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress())) {
      threads.execute(() -> acceptAll(listener, threads));
      Load load = new Load(PLAN, listener.getLocalPort(), "ceiling");
      load.awaitAccepted(PLAN.signups());
      double seconds = load.seconds();
      Map<String, Integer> ended = load.end();
      return ended.values().stream().filter(status -> status == 202).count() / seconds;
    }
  }

  private static void acceptAll(ServerSocket listener, ExecutorService threads) {
    try {
      while (true) {
        Socket socket = listener.accept();
        threads.execute(() -> answerAll(socket));
      }
    } catch (IOException e) {
      // The measurement is over.
    }
  }

  private static void answerAll(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      // Our own client's requests: the body is the only thing with a closing brace.
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '}') {
          socket.getOutputStream().write(ACCEPTED);
        }
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  private static double messagesPerSecond() throws IOException, InterruptedException {
    try (Sink sink = new Sink(Sink.Behaviour.slow(Duration.ZERO), 0);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long begun = System.nanoTime();
      List<Future<?>> senders = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        String name = "s" + i;
        senders.add(
            threads.submit(() -> {
              send(sink.port(), name);
              return null;
            }));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
      return sink.delivered() / ((System.nanoTime() - begun) / 1e9);
    } catch (ExecutionException e) {
      throw new IOException("a sender failed: " + e.getCause(), e);
    }
  }

  private static void send(int port, String name) throws IOException {
    String text =
        "Subject: Welcome!\r\n\r\n" + "a line of some length, as in a letter\r\n".repeat(20);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(Math.toIntExact(ServiceProcess.GUARD.toMillis()));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      say(socket, in, "HELO drill", 2); // with the greeting before
      for (int i = 0; i < MESSAGES; i++) {
        say(socket, in, "MAIL FROM:<drill@example.org>", 1);
        say(socket, in, "RCPT TO:<" + name + "." + i + "@drill.example>", 1);
        say(socket, in, "DATA", 1);
        say(socket, in, "Message-ID: <" + name + "." + i + ">\r\n" + text + ".", 1);
      }
    }
  }

  private static void say(Socket socket, InputStream in, String line, int replies)
      throws IOException {
    socket.getOutputStream().write(ascii(line + "\r\n"));
    for (int i = 0; i < replies; i++) {
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the sink hung up");
        }
      }
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
