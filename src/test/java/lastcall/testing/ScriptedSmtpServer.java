package lastcall.testing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
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

  private record Order(Action action, int times) {}

  final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Step, Deque<Order>> orders = new EnumMap<>(Step.class);
  private final Map<Step, Integer> reached = new EnumMap<>(Step.class);
  private final List<Accepted> accepted = new ArrayList<>();
  private final List<String> commands = new ArrayList<>();
  private final Set<Socket> open = new HashSet<>();
  private int sending;
  private int maxSending;
  private Duration delay = Duration.ZERO;
  private volatile @Nullable SSLContext tls;
  private volatile boolean tlsFromStart;
  private volatile @Nullable String credentials; // user NUL password
  private Thread acceptor = new Thread(); // until there is one
  private volatile ServerSocket listener;

  /** Starts on a free port. */
  public ScriptedSmtpServer() throws IOException {
    listener = listen(0);
  }

  public int port() {
    return listener.getLocalPort();
  }

  private ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
    acceptor = Thread.ofPlatform().daemon().name("scripted-smtp").start(() -> accept(socket));
    return socket;
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket socket = from.accept();
        locked(() -> from.isClosed() || open.add(socket));
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
    locked(
        () -> orders.computeIfAbsent(step, s -> new ArrayDeque<>()).add(new Order(action, times)));
  }

  /** Does this from now on. */
  public void always(Step step, Action action) {
    on(step, action, Integer.MAX_VALUE);
  }

  /** Forgets all orders. Connections that are already held silent stay so. */
  public void behave() {
    locked(
        () -> {
          orders.clear();
          return true;
        });
  }

  /** Waits so long before it takes a message and answers 250. */
  public void delay(Duration before250) {
    locked(
        () -> {
          delay = before250;
          return true;
        });
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
    List<Socket> all = new ArrayList<>();
    locked(() -> all.addAll(open));
    for (Socket socket : all) {
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
    List<Accepted> copy = new ArrayList<>();
    locked(() -> copy.addAll(accepted));
    return copy;
  }

  /** How often each Message-ID was taken. */
  public Map<String, Integer> countsById() {
    Map<String, Integer> counts = new TreeMap<>();
    accepted().forEach(mail -> counts.merge(mail.messageId(), 1, Integer::sum));
    return counts;
  }

  /** Every command line so far, in order of arrival; connections are mixed. */
  public List<String> commands() {
    List<String> copy = new ArrayList<>();
    locked(() -> copy.addAll(commands));
    return copy;
  }

  /** How often the step was reached; for {@link Step#CONNECT} the number of connections. */
  public int reached(Step step) {
    int[] count = new int[1];
    locked(() -> (count[0] = reached.getOrDefault(step, 0)) >= 0);
    return count[0];
  }

  /** The most messages that were between MAIL and the answer to their dot at one time. */
  public int maxConcurrentSends() {
    int[] count = new int[1];
    locked(() -> (count[0] = maxSending) >= 0);
    return count[0];
  }

  /** Waits until so many messages were taken, and returns them all. */
  public List<Accepted> awaitAccepted(int count, Duration guard) throws InterruptedException {
    await(count + " accepted messages", () -> accepted.size() >= count, guard);
    return accepted();
  }

  /** Waits until the step was reached so often, since the server was made. */
  public void awaitReached(Step step, int count, Duration guard) throws InterruptedException {
    await(
        step + " reached " + count + " times", () -> reached.getOrDefault(step, 0) >= count, guard);
  }

  /** Waits until every client has left and all that it had sent was read. */
  public void awaitNoConnections(Duration guard) throws InterruptedException {
    await("end of all connections", open::isEmpty, guard);
  }

  private void await(String what, BooleanSupplier condition, Duration guard)
      throws InterruptedException {
    lock.lock();
    try {
      long left = guard.toNanos();
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new AssertionError(
              "no "
                  + what
                  + " within "
                  + guard
                  + ": accepted "
                  + accepted.size()
                  + ", sending "
                  + sending
                  + ", open connections "
                  + open.size()
                  + ", reached "
                  + reached);
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  // What a session asks and tells.

  /** Notes the passage, and returns what to do there, null for the usual. */
  @Nullable Action pass(Step step) {
    Action[] action = new Action[1];
    locked(
        () -> {
          reached.merge(step, 1, Integer::sum);
          Deque<Order> queue = orders.get(step);
          Order order = queue == null ? null : queue.pollFirst();
          if (queue != null && order != null) {
            action[0] = order.action();
            if (order.times() > 1) {
              int left = order.times() == Integer.MAX_VALUE ? order.times() : order.times() - 1;
              queue.addFirst(new Order(order.action(), left));
            }
          }
          return true;
        });
    return action[0];
  }

  void command(String line) {
    locked(() -> commands.add(line));
  }

  void sending(int change) {
    locked(
        () -> {
          sending += change;
          maxSending = Math.max(maxSending, sending);
          return true;
        });
  }

  void take(Accepted mail) {
    locked(() -> accepted.add(mail));
  }

  void gone(Socket socket) {
    locked(() -> open.remove(socket));
  }

  /** Holds a message back; cut short by nothing, so keep it short in tests. */
  void holdBack() {
    Duration[] now = new Duration[1];
    locked(() -> (now[0] = delay) != null);
    long end = System.nanoTime() + now[0].toNanos();
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

  private void locked(BooleanSupplier change) {
    lock.lock();
    try {
      change.getAsBoolean();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
