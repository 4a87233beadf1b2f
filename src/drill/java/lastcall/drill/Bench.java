package lastcall.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lastcall.drill.Counters.Reading;
import lastcall.drill.Moments.Span;
import lastcall.lab.NothingStoredMain;

/** Measures the service under load, stops it under that load, and then measures its ceilings. */
final class Bench {
  private static final Duration STOP_AFTER = Duration.ofSeconds(3); // with all clients connected
  private static final Duration SETTLE = Duration.ofSeconds(1); // at a point of the curve
  private static final Duration LOOK = Duration.ofMillis(20);

  /** Nothing was sent for this long, although e-mails were due: something is broken. */
  private static final Duration STANDSTILL = Duration.ofSeconds(30);

  private final BenchPlan plan;
  private final Workplace workplace;
  private final Progress progress;
  private final Sink.Behaviour smtp;
  private final Map<String, Integer> requests = new HashMap<>(); // how each sign-up ended
  private final List<Figure> figures = new ArrayList<>();

  Bench(BenchPlan plan, Workplace workplace, Progress progress) {
    this.plan = plan;
    this.workplace = workplace;
    this.progress = progress;
    this.smtp = Sink.Behaviour.slow(plan.smtpDelay());
  }

  BenchReport run() throws Exception {
    Map<String, Object> machine = Machine.describe(workplace.root());
    List<BenchReport.ClientsPoint> curve = new ArrayList<>();
    List<BenchReport.ConnectionsPoint> connections = new ArrayList<>();
    Moments measured = new Moments("measured", Load.Plan.OPEN);
    Span span;
    BenchReport.Stop stop;
    Path directory = workplace.newDirectory();
    try (Sink sink = new Sink(smtp, 0)) {
      progress.begin("start");
      Rows rows = workplace.newDatabase(directory, plan.database());
      long launched = System.nanoTime();
      ServiceProcess service =
          workplace.launch(
              plan.program(), directory, plan.settings(sink.port(), rows, plan.concurrency()));
      firstSignup(service, launched);
      Counters counters = new Counters(service, directory, rows, plan.database() != null);
      span = measure(service, sink, counters, measured);
      for (int clients : plan.curve()) {
        curve.add(point(service, sink, clients));
        awaitDelivered(service, sink, accepted());
      }
      stop = stop(service, sink, rows);
    } finally {
      workplace.clear(directory);
    }
    nothingStored();
    progress.begin("ceiling: the store alone");
    figures.add(new StoreCeiling(plan, workplace).run());
    for (int each : plan.connections()) {
      connections.add(backlog(each));
    }
    return new BenchReport(
        plan,
        machine,
        figures,
        measured.answers(span),
        measured.emails(span),
        curve,
        connections,
        stop);
  }

  private void firstSignup(ServiceProcess service, long launched) throws Exception {
    Load first = new Load(new Load.Plan(1, 1, 0), Load.Targets.one(service.port()), "first");
    first.awaitAccepted(1);
    double seconds = (System.nanoTime() - launched) / 1e9;
    requests.putAll(first.end());
    if (first.accepted() != 1) {
      throw service.stuck("the first sign-up was not answered 202");
    }
    figures.add(new Figure("seconds_to_first_202", seconds, "from the start of the process"));
  }

  private Span measure(ServiceProcess service, Sink sink, Counters counters, Moments moments)
      throws Exception {
    Load load = load("measured", service, sink, plan.clients(), "measured", moments);
    run(service, load, plan.warmUp());
    Reading before = counters.read(load::accepted);
    run(service, load, plan.time());
    Reading after = counters.read(load::accepted);
    figures.add(Counters.peakMemory(service));
    requests.putAll(load.end());
    awaitDelivered(service, sink, accepted());
    Span span = new Span(before.ended(), after.begun());
    double emails = span.perSecond(moments.acceptedWithin(span));
    double answers = span.perSecond(moments.answers(span).count());
    figures.addFirst(new Figure("emails_per_second", emails, "accepted by the mail server"));
    figures.addFirst(new Figure("signups_per_second", answers, "202 read by the clients"));
    figures.addAll(counters.perSignup(before, after));
    return span;
  }

  private BenchReport.ClientsPoint point(ServiceProcess service, Sink sink, int clients)
      throws Exception {
    String name = "curve-" + clients + "-" + requests.size(); // a number may come twice
    Moments moments = new Moments(name, Load.Plan.OPEN);
    Load load = load("curve, clients: " + clients, service, sink, clients, name, moments);
    run(service, load, SETTLE);
    Span span = span(service, load, plan.time().dividedBy(3));
    Map<String, Integer> ended = load.end();
    requests.putAll(ended);
    Moments.Latency latency = moments.answers(span);
    int refused = (int) ended.values().stream().filter(status -> status != 202).count();
    return new BenchReport.ClientsPoint(clients, span.perSecond(latency.count()), latency, refused);
  }

  /** TERM while all clients go on. */
  private BenchReport.Stop stop(ServiceProcess service, Sink sink, Rows rows) throws Exception {
    Moments moments = new Moments("stop", Load.Plan.OPEN);
    Load load = load("stop", service, sink, plan.clients(), "stop", moments);
    run(service, load, STOP_AFTER);
    long signal = System.nanoTime();
    service.signal("TERM");
    if (!service.endsWithin(Duration.ofHours(1))) { // as long as its deadline may be
      throw service.stuck("the service does not end");
    }
    long exit = System.nanoTime();
    int status = service.awaitExit();
    requests.putAll(load.end());
    if (!sink.awaitIdle()) {
      throw new IllegalStateException("connections to the mail server do not end");
    }
    Counts counts = Counts.of(requests, rows.users(), rows.due(), sink.accepted());
    return BenchReport.Stop.of(moments, signal, exit, status, counts);
  }

  private void nothingStored() throws Exception {
    Path directory = workplace.newDirectory();
    try (Sink unused = new Sink(smtp, 0)) {
      List<String> settings = plan.cheapHash() ? ServiceProcess.CHEAP_HASH : List.of();
      ServiceProcess service =
          workplace.launch(List.of(NothingStoredMain.class.getName()), directory, settings);
      Moments moments = new Moments("nothing", Load.Plan.OPEN);
      String title = "ceiling: 202 and nothing stored";
      Load load = load(title, service, unused, plan.clients(), "nothing", moments);
      run(service, load, plan.warmUp());
      Span span = span(service, load, plan.time());
      load.end();
      double perSecond = span.perSecond(moments.answers(span).count());
      String how = "the same server answers 202 and stores nothing; same clients, warm-up, time";
      figures.add(new Figure("ceiling_nothing_stored_per_second", perSecond, how));
    } finally {
      workplace.clear(directory);
    }
  }

  /** A service of its own sends what was due before its start. */
  private BenchReport.ConnectionsPoint backlog(int connections) throws Exception {
    progress.begin("backlog, connections: " + connections);
    Path directory = workplace.newDirectory();
    try (Sink sink = new Sink(smtp, 0)) {
      Rows rows = workplace.newDatabase(directory, plan.database());
      Preload.insert(plan.store(directory, rows), rows, plan.backlog(), "backlog");
      Moments moments = new Moments("backlog.due", plan.backlog());
      sink.watch(moments);
      progress.show(() -> sink.delivered() + " e-mails of " + plan.backlog());
      List<String> settings = plan.settings(sink.port(), rows, connections);
      ServiceProcess service = workplace.launch(plan.program(), directory, settings);
      awaitDelivered(service, sink, plan.backlog());
      service.signal("TERM");
      service.awaitExit();
      double raw = Ceiling.messagesPerSecond(smtp, connections, plan.backlog());
      return new BenchReport.ConnectionsPoint(
          connections, sink.perSecond(), moments.laterHalfPerSecond(), raw);
    } finally {
      workplace.clear(directory);
    }
  }

  private Load load(
      String title, ServiceProcess service, Sink sink, int clients, String name, Moments moments)
      throws Exception {
    Load.Targets target = Load.Targets.one(service.port());
    sink.watch(moments);
    Load load = new Load(new Load.Plan(Load.Plan.OPEN, clients, 0), target, name, moments);
    progress.begin(title);
    progress.show(() -> load.accepted() + " accepted, " + sink.delivered() + " e-mails in all");
    return load;
  }

  private static Span span(ServiceProcess service, Load load, Duration time) throws Exception {
    long from = System.nanoTime();
    run(service, load, time);
    return new Span(from, System.nanoTime());
  }

  /** Lets the load go on for that time. */
  private static void run(ServiceProcess service, Load load, Duration time) throws Exception {
    Thread.sleep(time);
    if (!service.isAlive() || load.left() == 0) {
      throw service.stuck("the service does not serve any more");
    }
  }

  private int accepted() {
    return (int) requests.values().stream().filter(status -> status == 202).count();
  }

  private static void awaitDelivered(ServiceProcess service, Sink sink, int count)
      throws Exception {
    int seen = 0;
    for (long since = System.nanoTime(); sink.delivered() < count; Thread.sleep(LOOK)) {
      if (sink.delivered() > seen) {
        seen = sink.delivered();
        since = System.nanoTime();
      }
      if (!service.isAlive() || System.nanoTime() - since > STANDSTILL.toNanos()) {
        throw service.stuck("the service sends no more, " + (count - seen) + " e-mails are due");
      }
    }
  }
}
