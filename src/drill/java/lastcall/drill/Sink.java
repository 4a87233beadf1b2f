package lastcall.drill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.catcher.Acceptance;
import lastcall.catcher.MailCatcher;

/** The drill's mail server. The e-mails that it answered with 250 are one of the three ledgers. */
final class Sink implements Acceptance, AutoCloseable {
  private static final Pattern ID = Pattern.compile("(?im)^Message-ID: *<([^>\r\n]*)>");
  private static final int HEADERS = 4_096; // bytes that are searched for the Message-ID

  /** One e-mail to one recipient; {@code id} is its Message-ID, empty if it has none. */
  record Mail(String id, String recipient) {}

  /**
   * How it behaves.
   *
   * @param delay between the final dot and its answer
   * @param errorRate share of messages that are answered 451
   * @param outageFrom from {@link #loadBegins} to the outage
   * @param outageFor zero for none; while it lasts, connections and messages are answered 421
   */
  record Behaviour(Duration delay, double errorRate, Duration outageFrom, Duration outageFor) {
    static Behaviour slow(Duration delay) {
      return new Behaviour(delay, 0, Duration.ZERO, Duration.ZERO);
    }
  }

  private final Behaviour behaviour;
  private final Recorder recorder;
  private final Random random;
  private final Map<Mail, Integer> accepted = new ConcurrentHashMap<>();
  private final MailCatcher server;
  private final LongAccumulator first = new LongAccumulator(Math::min, Long.MAX_VALUE);
  private final LongAccumulator last = new LongAccumulator(Math::max, Long.MIN_VALUE);
  private volatile Consumer<String> watch = recipient -> {};
  private volatile long outageBegins = Long.MAX_VALUE; // nanoTime

  Sink(Behaviour behaviour, long seed) throws IOException {
    this(behaviour, seed, new Recorder(0));
  }

  /** The recorder hears when each send begins and ends. */
  Sink(Behaviour behaviour, long seed, Recorder recorder) throws IOException {
    this.behaviour = behaviour;
    this.recorder = recorder;
    this.random = new Random(seed);
    this.server = new MailCatcher(this, 0);
  }

  int port() {
    return server.port();
  }

  /** Calls it with each recipient whose e-mail it takes from now on, before it answers 250. */
  void watch(Consumer<String> taken) {
    watch = taken;
  }

  /** An outage counts from here. */
  void loadBegins() {
    outageBegins = System.nanoTime() + behaviour.outageFrom().toNanos();
  }

  void outageEnds() {
    outageBegins = Long.MAX_VALUE;
  }

  private boolean isOut() {
    long begins = outageBegins;
    long since = System.nanoTime() - begins;
    return begins != Long.MAX_VALUE && since >= 0 && since < behaviour.outageFor().toNanos();
  }

  @Override
  public String greeting() {
    return isOut() ? "421 4.3.2 outage" : Acceptance.super.greeting();
  }

  @Override
  public void begins(String recipient) {
    recorder.begins(recipient);
  }

  @Override
  public void abandoned(List<String> recipients) {
    recipients.forEach(recorder::abandoned);
  }

  @Override
  public String accept(List<String> recipients, byte[] text) throws InterruptedException {
    int length = Math.min(text.length, HEADERS);
    Matcher header = ID.matcher(new String(text, 0, length, StandardCharsets.ISO_8859_1));
    String id = header.find() ? header.group(1) : "";
    List<Recorder.Dot> dots = recipients.stream().map(to -> recorder.dot(to, id)).toList();
    boolean taken = false;
    try {
      String reply = reply(recipients, id);
      taken = reply.startsWith("250");
      return reply;
    } finally {
      for (Recorder.Dot dot : dots) {
        recorder.answered(dot, taken);
      }
    }
  }

  private String reply(List<String> recipients, String id) throws InterruptedException {
    Thread.sleep(behaviour.delay());
    if (isOut()) {
      return "421 4.3.2 outage";
    }
    if (behaviour.errorRate() > 0 && random.nextDouble() < behaviour.errorRate()) {
      return "451 4.3.0 try again";
    }
    first.accumulate(System.nanoTime());
    last.accumulate(System.nanoTime());
    recipients.forEach(to -> accepted.merge(new Mail(id, to), 1, Integer::sum));
    recipients.forEach(watch);
    return "250 2.0.0 taken";
  }

  /** How many different e-mails it has taken. */
  int delivered() {
    return accepted.size();
  }

  /** From the first e-mail it took to the last; 0 if it took fewer than two. */
  double perSecond() {
    int count = accepted.size();
    return count < 2 ? 0 : (count - 1) / ((last.get() - first.get()) / 1e9);
  }

  /** How often it has taken each e-mail; a copy. */
  Map<Mail, Integer> accepted() {
    return Map.copyOf(accepted);
  }

  /**
   * Waits until nobody is connected: what was sent is taken by then. False if that takes too long.
   */
  boolean awaitIdle() throws InterruptedException {
    long until = System.nanoTime() + behaviour.delay().plus(ServiceProcess.GUARD).toNanos();
    while (server.connections() > 0 && System.nanoTime() - until < 0) {
      Thread.sleep(5);
    }
    return server.connections() == 0;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
