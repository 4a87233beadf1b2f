package lastcall.fuzz;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mail server that answers as it likes while it is wild, and well when it is not. It remembers
 * what it has said to each final dot.
 */
final class FuzzMailServer implements AutoCloseable {
  /** What it said to the final dot of one e-mail. */
  record Dot(String id, String recipient, WildReplies.Meaning meaning, boolean inStep) {}

  private static final Pattern ID = Pattern.compile("(?m)^Message-ID: <([^>]*)>");

  final Queue<Dot> dots = new ConcurrentLinkedQueue<>();
  final Map<String, Integer> said = new ConcurrentHashMap<>();
  private final long seed;
  private final boolean logins;
  private final ServerSocket listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean wild = true;
  private int connections; // only the accepting thread counts

  /**
   * @param logins whether it complains of logins, after which nobody comes back for minutes
   */
  FuzzMailServer(long seed, boolean logins) throws IOException {
    this.seed = seed;
    this.logins = logins;
    Thread.ofPlatform().daemon().name("fuzz-mail-server").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void behave() {
    wild = false;
    open.forEach(FuzzMailServer::hangUp); // some of them are silent, or out of step
  }

  boolean hasConnections() {
    return !open.isEmpty();
  }

  Map<String, Integer> said() {
    return new TreeMap<>(said);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Random random = new Random(seed + ++connections);
        Thread.ofVirtual().start(() -> converse(socket, random));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void converse(Socket socket, Random random) {
    try (socket) {
      socket.setTcpNoDelay(true);
      new Session(socket, random).run();
    } catch (IOException e) {
      // The client left, or we hung up.
    } finally {
      open.remove(socket);
    }
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone already.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(FuzzMailServer::hangUp);
  }

  private final class Session {
    private final InputStream in;
    private final WildReplies replies;
    private boolean inStep = true;
    private String recipient = "";

    Session(Socket socket, Random random) throws IOException {
      in = new BufferedInputStream(socket.getInputStream());
      replies = new WildReplies(random, socket, logins);
    }

    void run() throws IOException {
      say("220 fuzz");
      while (true) {
        String line = line();
        String verb = line.toUpperCase(Locale.ROOT).split("[ :]", 2)[0];
        switch (verb) {
          case "EHLO" -> {
            String more = wild ? replies.extensions() : "";
            say("250-fuzz\r\n" + more + "250 8BITMIME");
          }
          case "HELO", "MAIL", "NOOP", "RSET" -> say("250 fine");
          case "RCPT" -> {
            recipient = line.substring(line.indexOf('<') + 1, Math.max(1, line.lastIndexOf('>')));
            say("250 recipient");
          }
          case "DATA" -> {
            if (say("354 go on") != WildReplies.Meaning.NO) {
              text();
            }
          }
          case "QUIT" -> {
            say("221 bye");
            return;
          }
          default -> say("500 unknown");
        }
      }
    }

    private void text() throws IOException {
      StringBuilder text = new StringBuilder();
      for (String line = line(); !line.equals("."); line = line()) {
        text.append(line).append('\n');
      }
      Matcher id = ID.matcher(text);
      String found = id.find() ? id.group(1) : "";
      WildReplies.Reply reply = reply("250 taken");
      dots.add(new Dot(found, recipient, reply.meaning(), inStep)); // before the client knows
      say(reply);
    }

    private WildReplies.Reply reply(String usual) {
      return wild ? replies.next(usual) : WildReplies.usual(usual);
    }

    private WildReplies.Meaning say(String usual) throws IOException {
      return say(reply(usual));
    }

    private WildReplies.Meaning say(WildReplies.Reply reply) throws IOException {
      said.merge(reply.kind() + " " + reply.meaning(), 1, Integer::sum);
      inStep &= reply.inStep();
      replies.send(reply, in);
      return reply.meaning();
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new EOFException();
        }
        line.append((char) c);
      }
      return line.toString().stripTrailing();
    }
  }

  static List<WildReplies.Meaning> meanings(Queue<Dot> dots, String id) {
    return dots.stream().filter(dot -> dot.id().equals(id)).map(Dot::meaning).toList();
  }
}
