package lastcall.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import lastcall.fuzz.Answers.Answer;
import lastcall.fuzz.Exchange.End;
import lastcall.fuzz.Exchange.Shot;
import org.jspecify.annotations.Nullable;

/** Does exchanges with one port, each on a connection of its own. Many threads use it. */
final class FuzzClient {
  /**
   * @param reset the connection ended by a reset, so answers may have been lost
   */
  record Result(List<Answer> answers, boolean reset) {}

  /** Far more than any limit of the service under test. */
  private static final int STRIKE_MS = 3_000;

  private static final int STRIKES = 10;

  private final int port;
  private final String canary;

  /**
   * @param canary a path that is answered at once
   */
  FuzzClient(int port, String canary) {
    this.port = port;
    this.canary = canary;
  }

  /**
   * @param from an address of the loopback, so that one alone does not run out of ports
   * @throws Answers.Broken if the answers are no HTTP
   * @throws java.io.EOFException if the connection ended in the middle of an answer
   */
  Result run(Exchange exchange, int from) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress("127.0.0." + (2 + from % 200), 0));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(STRIKE_MS);
      Answers answers = new Answers(new BufferedInputStream(patient(socket.getInputStream())));
      return switch (exchange.end()) {
        case GOOD -> inTurn(exchange, socket, answers);
        case HALF_CLOSE, WAIT -> piped(exchange, socket, answers);
        case GONE -> {
          send(exchange.bytes(), exchange.pieces(), socket);
          yield new Result(List.of(), true);
        }
      };
    }
  }

  private static Result inTurn(Exchange exchange, Socket socket, Answers answers)
      throws IOException {
    List<Answer> all = new ArrayList<>();
    try {
      for (Shot shot : exchange.shots()) {
        socket.getOutputStream().write(shot.bytes().getBytes(ISO_8859_1));
        Answer answer = answers.next(false);
        if (answer == null) {
          return new Result(all, true);
        }
        all.add(answer);
      }
    } catch (SocketException e) {
      return new Result(all, true);
    }
    return new Result(all, false);
  }

  private static Result piped(Exchange exchange, Socket socket, Answers answers)
      throws IOException {
    boolean reset = !send(exchange.bytes(), exchange.pieces(), socket);
    List<Answer> all = new ArrayList<>();
    try {
      if (exchange.end() == End.HALF_CLOSE && !reset) {
        socket.shutdownOutput();
      }
      Answer answer = answers.next(exchange.shots().getFirst().head());
      while (answer != null) {
        all.add(answer);
        boolean firstIsHead = !answer.isFinal() && all.size() == 1;
        answer = answers.next(firstIsHead && exchange.shots().getFirst().head());
      }
    } catch (SocketException e) {
      reset = true;
    }
    return new Result(all, reset);
  }

  /** Returns false if the server closed before all was sent. */
  private static boolean send(String bytes, int pieces, Socket socket) throws IOException {
    byte[] all = bytes.getBytes(ISO_8859_1);
    int each = all.length / pieces + 1;
    try {
      for (int at = 0; at < all.length; at += each) {
        socket.getOutputStream().write(all, at, Math.min(each, all.length - at));
      }
      return true;
    } catch (SocketException e) {
      return false;
    }
  }

  /**
   * A read that the server never ends by an answer or by closing is a hang. A stall of the machine
   * is none: then the canary is not answered either, and the time does not count.
   */
  private InputStream patient(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int strikes = 0;
        while (true) {
          try {
            return in.read(into, offset, length);
          } catch (SocketTimeoutException e) {
            if (canaryAnswers() && ++strikes == STRIKES) {
              throw new Answers.Broken(
                  "hang: neither answered nor closed in " + STRIKES * STRIKE_MS + " ms");
            }
          }
        }
      }
    };
  }

  private boolean canaryAnswers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      String get = "GET " + canary + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(get.getBytes(ISO_8859_1));
      @Nullable Answer answer =
          new Answers(new BufferedInputStream(socket.getInputStream())).next(false);
      return answer != null;
    } catch (IOException e) {
      return false;
    }
  }
}
