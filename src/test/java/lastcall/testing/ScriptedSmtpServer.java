package lastcall.testing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server on loopback that does what a test tells it to, at any time while it runs, and
 * writes down what it has seen. Without orders it accepts everything.
 *
 * <pre>{@code
 * try (ScriptedSmtpServer smtp = new ScriptedSmtpServer()) {
 *   smtp.on(Step.DATA, Action.reply("451 4.3.0 later"), 2);
 *   …
 *   smtp.awaitAccepted(1, Duration.ofSeconds(30));
 * }
 * }</pre>
 */
public final class ScriptedSmtpServer implements AutoCloseable {
  /** Where an order applies: before the answer to this command. DOT is the end of the text. */
  public enum Step {
    CONNECT,
    EHLO,
    STARTTLS,
    AUTH,
    MAIL,
    RCPT,
    DATA,
    DOT,
    NOOP,
    RSET,
    QUIT
  }

  /** What to do instead of the usual; see the factory methods. */
  public record Action(boolean accept, @Nullable String reply, boolean silent) {
    /** Answers with this. A 2xx at DOT does not record the message; see {@link #accept()}. */
    public static Action reply(String reply) {
      return new Action(false, reply, false);
    }

    /** Closes the connection without an answer. */
    public static Action close() {
      return new Action(false, null, false);
    }

    /** Never answers, and holds the connection until the client leaves or the server goes down. */
    public static Action silence() {
      return new Action(false, null, true);
    }

    /** Answers for 30 s, line by line, each sooner than any timeout, and then says 250. */
    public static Action dribble() {
      return new Action(false, "250-more", true);
    }

    /** At DOT: takes the message all the same. {@code silence().andAccept()}. */
    public Action andAccept() {
      return new Action(true, reply, silent);
    }
  }

  /** A message that was taken. {@code text} is as sent, with the dots unstuffed. */
  public record Accepted(String messageId, String recipient, String text) {}

  private final SmtpScript script = new SmtpScript();
  private final SmtpRecord seen = new SmtpRecord();
  private volatile @Nullable SSLContext tls;
  private volatile boolean tlsFromStart;
  private volatile @Nullable String credentials; // user NUL password
  private Thread acceptor = new Thread(); // until there is one
  private final InetAddress address;
  private volatile ServerSocket listener;

  /** Starts on a free port. */
  public ScriptedSmtpServer() throws IOException {
    this("127.0.0.1", 0);
  }

  /** Starts on an address of the loopback; several of them may share a port. */
  public ScriptedSmtpServer(String address, int port) throws IOException {
    this.address = InetAddress.getByName(address);
    listener = listen(port);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(address, port), 1_000);
    acceptor = Thread.ofPlatform().daemon().name("scripted-smtp").start(() -> accept(socket));
    return socket;
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket socket = from.accept();
        seen.came(socket);
        if (from.isClosed()) {
          socket.close();
        }
        Thread.ofVirtual().start(new ScriptedSmtpSession(this, socket));
      } catch (IOException e) {
        if (!from.isClosed()) {
          throw new AssertionError("scripted server", e);
        }
      }
    }
  }

  /** Does this at the next {@code times} passages of the step; orders for one step queue up. */
  public void on(Step step, Action action, int times) {
    script.add(step, action, times);
  }

  /** Does this from now on. */
  public void always(Step step, Action action) {
    on(step, action, Integer.MAX_VALUE);
  }

  /** Forgets all orders. Connections that are already held silent stay so. */
  public void behave() {
    script.forgetOrders();
  }

  /** Waits so long before it takes a message and answers 250. */
  public void delay(Duration before250) {
    script.delay(before250);
  }

  /** Offers STARTTLS with this. Call it before the first connection. */
  public void offerStartTls(SSLContext context) {
    tls = context;
  }

  /** Speaks TLS from the first byte on. */
  public void serveTls(SSLContext context) {
    tls = context;
    tlsFromStart = true;
  }

  /** Offers AUTH PLAIN and LOGIN, and answers 530 to a MAIL without. */
  public void requireAuth(String user, String password) {
    credentials = user + "\0" + password;
  }

  /** Closes the port and all connections; what is not accepted yet never will be. */
  public void down() throws IOException {
    listener.close();
    try {
      if (!acceptor.join(Duration.ofSeconds(30))) { // until then the port is not free
        throw new AssertionError("the scripted server still accepts");
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("while the scripted server went down");
    }
    for (Socket socket : seen.open()) {
      socket.close();
    }
  }

  /** Opens the same port again. */
  public void up() throws IOException {
    listener = listen(port());
  }

  @Override
  public void close() throws IOException {
    down();
  }

  /** All that was taken so far, in order. */
  public List<Accepted> accepted() {
    return seen.accepted();
  }

  /** How often each Message-ID was taken. */
  public Map<String, Integer> countsById() {
    Map<String, Integer> counts = new TreeMap<>();
    accepted().forEach(mail -> counts.merge(mail.messageId(), 1, Integer::sum));
    return counts;
  }

  /** Every command line so far, in order of arrival; connections are mixed. */
  public List<String> commands() {
    return seen.commands();
  }

  /** How often the step was reached; for {@link Step#CONNECT} the number of connections. */
  public int reached(Step step) {
    return seen.reached(step);
  }

  /** The most messages that were between MAIL and the answer to their dot at one time. */
  public int maxConcurrentSends() {
    return seen.maxSending();
  }

  /** Waits until so many messages were taken, and returns them all. */
  public List<Accepted> awaitAccepted(int count, Duration guard) throws InterruptedException {
    seen.awaitAccepted(count, guard);
    return accepted();
  }

  /** Waits until the step was reached so often, since the server was made. */
  public void awaitReached(Step step, int count, Duration guard) throws InterruptedException {
    seen.awaitReached(step, count, guard);
  }

  /** Waits until every client has left and all that it had sent was read. */
  public void awaitNoConnections(Duration guard) throws InterruptedException {
    seen.awaitNoConnections(guard);
  }

  // What a session asks and tells.

  /** Notes the passage, and returns what to do there, null for the usual. */
  @Nullable Action pass(Step step) {
    Action action = script.next(step); // first: whoever awaits the passage may change the orders
    seen.reach(step);
    return action;
  }

  void command(String line) {
    seen.command(line);
  }

  void sending(int change) {
    seen.sending(change);
  }

  void take(Accepted mail) {
    seen.take(mail);
  }

  void gone(Socket socket) {
    seen.gone(socket);
  }

  /** Holds a message back; cut short by nothing, so keep it short in tests. */
  void holdBack() {
    long end = System.nanoTime() + script.delay().toNanos();
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Nullable SSLContext tls() {
    return tls;
  }

  boolean tlsFromStart() {
    return tlsFromStart;
  }

  @Nullable String credentials() {
    return credentials;
  }
}
