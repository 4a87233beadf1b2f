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
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** How fast the drill is without the service: what it measures of the service is below that. */
final class Ceiling {
  private static final Load.Plan PLAN = new Load.Plan(60_000, 32, 0);
  private static final int SENDERS = 8;
  private static final int MESSAGES = 5_000; // of each sender
  private static final byte[] ACCEPTED =
      ascii("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");

  private static final String TEXT = "a line of some length, as in a letter\r\n".repeat(20);

  private final PrintStream out;

  Ceiling(PrintStream out) {
    this.out = out;
  }

  void run() throws IOException, InterruptedException {
    for (String which : List.of("warm-up: ", "")) {
      out.printf(
          Locale.ROOT, "%s%,.0f requests/s against a trivial server, ", which, requestsPerSecond());
      Sink.Behaviour prompt = Sink.Behaviour.slow(Duration.ZERO);
      double messages = messagesPerSecond(prompt, SENDERS, SENDERS * MESSAGES);
      out.printf(Locale.ROOT, "%,.0f messages/s into the sink%n", messages);
    }
  }

  private static double requestsPerSecond() throws IOException, InterruptedException {
    // The listener is closed first, or the thread that accepts would not end.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress())) {
      threads.execute(
          ended(() -> {
            while (true) {
              Socket socket = listener.accept();
              threads.execute(ended(() -> answerAll(socket)));
            }
          }));
      Load load = new Load(PLAN, Load.Targets.one(listener.getLocalPort()), "ceiling");
      load.awaitAccepted(PLAN.signups());
      double seconds = load.seconds();
      load.end();
      return whole(load.accepted(), PLAN.signups()) / seconds;
    }
  }

  /** With 202, until the client hangs up. */
  static void answerAll(Socket socket) throws IOException {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      // Our own client's requests: the body is the only thing with a closing brace.
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '}') {
          socket.getOutputStream().write(ACCEPTED);
        }
      }
    }
  }

  /** Of a raw client, over connections that it keeps; each of them sends as many. */
  static double messagesPerSecond(Sink.Behaviour behaviour, int connections, int messages)
      throws IOException, InterruptedException {
    int each = Math.max(1, messages / connections);
    try (Sink sink = new Sink(behaviour, 0)) {
      long begun = System.nanoTime();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < connections; i++) {
          String name = "s" + i;
          threads.execute(ended(() -> send(sink.port(), name, each)));
        }
      }
      return whole(sink.delivered(), connections * each) / ((System.nanoTime() - begun) / 1e9);
    }
  }

  private static void send(int port, String name, int messages) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      readReply(in); // the greeting
      say(socket, in, "HELO drill");
      for (int i = 0; i < messages; i++) {
        String id = name + "." + i;
        say(socket, in, "MAIL FROM:<drill@example.org>");
        say(socket, in, "RCPT TO:<" + id + "@drill.example>");
        say(socket, in, "DATA");
        say(socket, in, "Message-ID: <" + id + ">\r\n\r\n" + TEXT + "\r\n.");
      }
      say(socket, in, "QUIT");
    }
  }

  private static void say(Socket socket, InputStream in, String line) throws IOException {
    socket.getOutputStream().write(ascii(line + "\r\n"));
    readReply(in);
  }

  private static void readReply(InputStream in) throws IOException {
    for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {}
  }

  private interface Step {
    void run() throws IOException;
  }

  /** A connection that breaks is told by {@link #whole}, unless it is over anyway. */
  private static Runnable ended(Step step) {
    return () -> {
      try {
        step.run();
      } catch (IOException e) {
        // see above
      }
    };
  }

  private static double whole(int count, int all) throws IOException {
    if (count < all) {
      throw new IOException("only " + count + " of " + all + " went through");
    }
    return count;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
