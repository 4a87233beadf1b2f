package lastcall.drill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.catcher.Acceptance;
import lastcall.catcher.Answer;
import lastcall.catcher.MailCatcher;
import lastcall.catcher.Trouble;
import lastcall.catcher.Trouble.Step;
import lastcall.catcher.TroubleMaker;
import org.jspecify.annotations.Nullable;

/** The drill's mail server. The e-mails that it answered with 250 are one of the three ledgers. */
final class Sink implements Acceptance, AutoCloseable {
  private static final Pattern ID = Pattern.compile("(?im)^Message-ID: *<([^>\r\n]*)>");
  private static final Answer TAKEN = Answer.line("250 2.0.0 taken");
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

    Trouble usual() {
      Trouble slow = Trouble.delay(delay);
      return errorRate > 0 ? slow.refusing(Step.DOT, "451 4.3.0 try again", errorRate) : slow;
    }
  }

  private final Behaviour behaviour;
  private final Recorder recorder;
  private final TroubleMaker trouble;
  private final Map<Mail, Integer> accepted = new ConcurrentHashMap<>();
  private final Queue<Long> moments = new ConcurrentLinkedQueue<>();
  private final MailCatcher server;
  private final LongAccumulator first = new LongAccumulator(Math::min, Long.MAX_VALUE);
  private final LongAccumulator last = new LongAccumulator(Math::max, Long.MIN_VALUE);
  private volatile Consumer<String> watch = recipient -> {};
  private @Nullable Thread outage; // of the thread that runs the scenario

  Sink(Behaviour behaviour, long seed) throws IOException {
    this(behaviour, seed, new Recorder(0));
  }

  /** The recorder hears when each send begins and ends. */
  Sink(Behaviour behaviour, long seed, Recorder recorder) throws IOException {
    this.behaviour = behaviour;
    this.recorder = recorder;
    this.trouble = new TroubleMaker(this::take, new Random(seed));
    trouble.set(behaviour.usual());
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
    if (behaviour.outageFor().isPositive()) {
      outage = Thread.ofVirtual().name("outage").start(this::outage);
    }
  }

  private void outage() {
    try {
      Thread.sleep(behaviour.outageFrom());
      trouble.set(behaviour.usual().refusing(Step.ANY, "421 4.3.2 outage", 1));
      Thread.sleep(behaviour.outageFor());
    } catch (InterruptedException e) {
      // It is to end now.
    } finally {
      trouble.set(behaviour.usual());
    }
  }

  void outageEnds() throws InterruptedException {
    if (outage != null) {
      outage.interrupt();
      outage.join();
    }
  }

  @Override
  public Answer greeting() {
    return trouble.greeting();
  }

  @Override
  public Answer recipient() {
    return trouble.recipient();
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
  public Answer accept(List<String> recipients, byte[] text) throws InterruptedException {
    String id = id(text);
    List<Recorder.Dot> dots = recipients.stream().map(to -> recorder.dot(to, id)).toList();
    boolean taken = false;
    try {
      Answer answer = trouble.accept(recipients, text);
      taken = answer.equals(TAKEN);
      return answer;
    } finally {
      for (Recorder.Dot dot : dots) {
        recorder.answered(dot, taken);
      }
    }
  }

  private static String id(byte[] text) {
    int length = Math.min(text.length, HEADERS);
    Matcher header = ID.matcher(new String(text, 0, length, StandardCharsets.ISO_8859_1));
    return header.find() ? header.group(1) : "";
  }

  /** Called where no trouble is in the way. */
  private Answer take(List<String> recipients, byte[] text) {
    String id = id(text);
    first.accumulate(System.nanoTime());
    last.accumulate(System.nanoTime());
    moments.add(System.nanoTime());
    recipients.forEach(to -> accepted.merge(new Mail(id, to), 1, Integer::sum));
    recipients.forEach(watch);
    return TAKEN;
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

  /** When it took each, in their order. */
  List<Long> moments() {
    return moments.stream().sorted().toList();
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
