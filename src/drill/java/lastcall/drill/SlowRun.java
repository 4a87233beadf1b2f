package lastcall.drill;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lastcall.drill.Moments.Latency;
import lastcall.drill.Moments.Span;

/**
 * {@code lastcall drill --slow-connections N}: how much longer good clients wait beside so many
 * slow connections than alone. Both are measured in turn in one run, three times each. Beside the
 * clients that keep their connection, newcomers connect for one sign-up each.
 */
final class SlowRun {
  private static final int ROUNDS = 3;
  private static final Duration WARM_UP = Duration.ofSeconds(8);
  private static final Duration PHASE = Duration.ofSeconds(6);

  /** Until the slow connections are open, and the first ones have been closed and opened again. */
  private static final Duration SETTLE = Duration.ofSeconds(6);

  private static final Duration NEWCOMER_EACH = Duration.ofMillis(20);

  /**
   * @param bound how many times as long the p99 may be
   */
  record Plan(int slow, int clients, double rate, double bound) {}

  /** Of one kind of client in one phase. */
  private record Point(Latency keptAlive, Latency newcomers) {}

  private final Plan plan;
  private final Workplace workplace;
  private final PrintStream out;
  private final CountDownLatch over = new CountDownLatch(1);

  SlowRun(Plan plan, Workplace workplace, PrintStream out) {
    this.plan = plan;
    this.workplace = workplace;
    this.out = out;
  }

  /** Returns whether the bound holds and every sign-up was answered. */
  boolean run(Progress progress) throws Exception {
    Path directory = workplace.newDirectory();
    List<Point> alone = new ArrayList<>();
    List<Point> beside = new ArrayList<>();
    try (Sink sink = new Sink(Sink.Behaviour.slow(Duration.ZERO), 0)) {
      List<String> settings = new ArrayList<>(ServiceProcess.CHEAP_HASH);
      settings.addAll(List.of("smtp.host=127.0.0.1", "smtp.tls=none", "smtp.port=" + sink.port()));
      ServiceProcess service = workplace.launch(List.of("lastcall.Main"), directory, settings);
      Moments keptAlive = new Moments("kept", Load.Plan.OPEN);
      Moments newcomers = new Moments("new", Load.Plan.OPEN);
      progress.begin("warm-up");
      Load load =
          new Load(
              new Load.Plan(Load.Plan.OPEN, plan.clients(), plan.rate()),
              Load.Targets.one(service.port()),
              "kept",
              keptAlive);
      Newcomers others = new Newcomers(service.port(), newcomers);
      pause(WARM_UP);
      int closed = 0;
      print("", List.of("sign-ups/s", "p50 ms", "p99 ms", "new p50 ms", "new p99 ms"));
      for (int round = 0; round <= ROUNDS; round++) {
        progress.begin("round " + round + ", alone");
        alone.add(point("alone", keptAlive, newcomers));
        progress.begin("round " + round + ", beside " + plan.slow() + " slow connections");
        try (SlowConnections slow = new SlowConnections(service.port(), plan.slow())) {
          pause(SETTLE);
          beside.add(point("beside", keptAlive, newcomers));
          if (!slow.alive()) {
            throw new IllegalStateException("the slow connections are gone: see stderr");
          }
          closed += slow.closed();
        }
        pause(SETTLE); // the service gets over it
      }
      over.countDown();
      alone.removeFirst(); // java had not compiled all of it by then
      beside.removeFirst();
      Map<String, Integer> ended = load.end();
      long unanswered = ended.values().stream().filter(status -> status <= 0).count();
      unanswered += others.end();
      double kept = ratio(alone, beside, false);
      double anew = ratio(alone, beside, true);
      boolean well = unanswered == 0 && kept <= plan.bound() && anew <= plan.bound();
      out.printf(
          Locale.ROOT,
          "%nslow connections: %d, closed by the service and opened again: %d%n"
              + "p99 beside them / alone: %.2f; of clients that connect anew: %.2f; bound %.1f%n"
              + "sign-ups without an answer: %d of %d%n%s%n",
          plan.slow(),
          closed,
          kept,
          anew,
          plan.bound(),
          unanswered,
          ended.size() + others.count(),
          well ? "ok" : "NOT as promised");
      return well;
    } finally {
      over.countDown();
      workplace.clear(directory);
    }
  }

  private Point point(String name, Moments keptAlive, Moments newcomers)
      throws InterruptedException {
    long from = System.nanoTime();
    pause(PHASE);
    Span span = new Span(from, System.nanoTime());
    Latency kept = keptAlive.answers(span);
    Latency anew = newcomers.answers(span);
    print(
        name,
        List.of(
            number(span.perSecond(kept.count() + anew.count())),
            number(kept.p50()),
            number(kept.p99()),
            number(anew.p50()),
            number(anew.p99())));
    return new Point(kept, anew);
  }

  private void print(String name, List<String> columns) {
    StringBuilder line = new StringBuilder(name + " ".repeat(8 - name.length()));
    columns.forEach(column -> line.append(" ".repeat(12 - column.length())).append(column));
    out.println(line);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Of the means of the p99. */
  private static double ratio(List<Point> alone, List<Point> beside, boolean newcomers) {
    return mean(beside, newcomers) / mean(alone, newcomers);
  }

  private static double mean(List<Point> points, boolean newcomers) {
    return points.stream()
        .mapToDouble(point -> (newcomers ? point.newcomers() : point.keptAlive()).p99())
        .average()
        .orElseThrow();
  }

  private void pause(Duration time) throws InterruptedException {
    workplace.check();
    over.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Each connects, signs up and leaves; the next one comes a moment later. */
  private final class Newcomers {
    private final int port;
    private final Moments moments;
    private final Thread thread;
    private int count; // written by the thread, as below
    private int unanswered;

    Newcomers(int port, Moments moments) {
      this.port = port;
      this.moments = moments;
      this.thread = Thread.ofVirtual().name("newcomers").start(this::run);
    }

    private void run() {
      try {
        while (!over.await(NEWCOMER_EACH.toMillis(), TimeUnit.MILLISECONDS)) {
          try (SignupClient client = new SignupClient(port)) {
            long begun = System.nanoTime();
            int status = client.signUp(Load.address("new", count)).status();
            moments.accepted(count, begun, System.nanoTime());
            unanswered += status <= 0 ? 1 : 0;
            count++;
          }
        }
      } catch (Exception e) {
        unanswered++; // such as a read that timed out
      }
    }

    int end() throws InterruptedException {
      thread.join();
      return unanswered;
    }

    int count() {
      return count;
    }
  }
}
