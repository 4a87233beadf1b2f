package lastcall.drill;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import org.jspecify.annotations.Nullable;

/** Runs one scenario: start, load, signal, exit, perhaps a restart, and the three ledgers. */
final class ScenarioRun {
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration AFTERWARDS = Duration.ofSeconds(2); // what has no end goes on
  private static final Duration SOON = Duration.ofMillis(5);

  private final Scenario scenario;
  private final Workplace workplace;
  private final Progress progress;
  private final String main;
  private final Recorder recorder;

  /**
   * @param main the class that is started, with the service's command line; lastcall.Main, unless
   *     the drill itself is tested
   */
  ScenarioRun(
      Scenario scenario, Workplace workplace, Progress progress, String main, Recorder recorder) {
    this.scenario = scenario;
    this.workplace = workplace;
    this.progress = progress;
    this.main = main;
    this.recorder = recorder;
  }

  Row.Counted run() throws Exception {
    progress.show(() -> "starting");
    Path directory = workplace.newDirectory();
    String name = directory.getFileName().toString();
    try (Sink sink = new Sink(scenario.smtp(), scenario.seed(), recorder)) {
      DatabaseTrouble trouble = scenario.fleet().trouble();
      PostgresPair pair =
          trouble instanceof DatabaseTrouble.OnPair own ? workplace.newPair(own) : null;
      if (pair != null) {
        pair.start();
      }
      Rows rows =
          pair != null
              ? pair.rows()
              : workplace.newDatabase(directory, scenario.fleet().database());
      Preload.insertOld(store(directory, rows), rows, scenario.fleet().old());
      Map<String, Integer> promised =
          Preload.insert(store(directory, rows), rows, scenario.fleet().due(), name);
      Instances instances =
          new Instances(
              workplace,
              scenario.program(main),
              directory,
              scenario.settings(sink.port(), rows),
              scenario);
      Scenario.Crash crash = scenario.crash();
      instances.start(crash);
      sink.loadBegins();
      long begun = System.nanoTime();
      promised.keySet().forEach(address -> recorder.accepted(address, begun));
      Load load = new Load(scenario.load(), instances, name, recorder.watch(name));
      Progress.Line books = () -> books(load, sink, promised.size());
      progress.show(() -> books.text() + untilSignal(load, sink));
      Ending ending = new Ending(scenario, instances, rows, progress, books, recorder);
      boolean awaited = crash == null || crash.point().atStop();
      if (awaited && !scenario.quiet()) {
        awaitMoment(load, sink, instances);
      }
      DatabaseOutage outage = new DatabaseOutage(load, instances, name);
      if (pair != null) {
        outage.watch(pair::failOver);
      } else if (trouble instanceof DatabaseTrouble.OnServer server) {
        outage.watch(() -> server.make(rows));
      } else if (!scenario.quiet()) {
        ending.run(awaited);
      }
      Map<String, Integer> requests = new HashMap<>(promised);
      requests.putAll(outage.requests());
      Row.Recovery recovery = null;
      if (scenario.goesOn()) {
        requests.putAll(goOn(load, rows, instances, books));
      } else {
        requests.putAll(load.end());
        if (crash != null) {
          sink.outageEnds(); // which had held the sends back
        }
        recovery = scenario.restart() ? restart(rows, instances, books) : null;
      }
      Double takeover = ending.takeover();
      if (scenario.goesOn()) {
        instances.stop(patience());
      }
      if (!sink.awaitIdle()) {
        throw new IllegalStateException("connections to the sink do not end");
      }
      Set<String> users = rows.users();
      Set<String> due = rows.due();
      Map<Sink.Mail, Integer> taken = sink.accepted();
      recorder.ended(taken.keySet(), due, instances.unknownIds(), instances.count() == 1);
      return new Row.Counted(
          scenario,
          Counts.of(requests, users, due, taken),
          load.repeated(),
          scenario.memory() ? 0 : rows.halfDone(),
          pruned(rows),
          ending.inFlight(),
          instances.unknown(),
          ending.seconds(),
          ending.status(),
          recovery,
          new Row.Pace(sink.perSecond(), takeover, outage.ended(requests, users), kept(sink)));
    } finally {
      workplace.clear(directory);
    }
  }

  /** How many of the old e-mails were deleted. */
  private int pruned(Rows rows) throws SQLException {
    int old = scenario.fleet().old();
    return old == 0 ? 0 : old - rows.count("outbox WHERE id LIKE 'old.%'");
  }

  private @Nullable RateKept kept(Sink sink) {
    DeliveryRate rate = scenario.service().rate();
    return rate.isNone() ? null : RateKept.of(rate, sink.moments());
  }

  private AppConfig.Store store(Path directory, Rows rows) {
    return rows.user().isEmpty()
        ? AppConfig.Store.sqlite(directory.resolve("lastcall.db"))
        : new AppConfig.Store(rows.url(), null, rows.user(), rows.password());
  }

  private void awaitMoment(Load load, Sink sink, Instances instances) throws Exception {
    Scenario.After after = scenario.after();
    Duration time = after.time();
    if (time != null) {
      Thread.sleep(time);
    } else if (scenario.load().signups() > 0 && scenario.goesOn()) {
      instances.await(
          "answers 202", SOON, () -> Math.min(load.left(), after.accepted() - load.accepted()));
    } else if (scenario.load().signups() > 0) {
      load.awaitAccepted(after.accepted());
    } else {
      instances.await("e-mails", SOON, () -> after.accepted() - sink.delivered());
    }
  }

  /** The rest of the load, and of the e-mails. */
  private Map<String, Integer> goOn(Load load, Rows rows, Instances instances, Progress.Line books)
      throws Exception {
    if (scenario.load().open()) {
      Thread.sleep(AFTERWARDS);
    } else {
      instances.await("sign-ups", LOOK, load::left);
    }
    Map<String, Integer> requests = load.end();
    awaitNothingDue(rows, instances, books);
    return requests;
  }

  /** Another process serves until nothing is due. */
  private Row.Recovery restart(Rows rows, Instances instances, Progress.Line books)
      throws Exception {
    long launched = System.nanoTime();
    int left = rows.count(Rows.DUE);
    instances.restart(0);
    recorder.mark(Timeline.Mark.Kind.START, "second process serves");
    awaitNothingDue(rows, instances, books);
    double seconds = (System.nanoTime() - launched) / 1e9;
    instances.stop(patience());
    int recovered = instances.get(0).await("outbox opened").number("recovered");
    return new Row.Recovery(left, recovered, seconds);
  }

  private void awaitNothingDue(Rows rows, Instances instances, Progress.Line books)
      throws Exception {
    int atFirst = rows.count(Rows.DUE);
    long begun = System.nanoTime();
    instances.await(
        "e-mails due",
        LOOK,
        () -> {
          int due = rows.count(Rows.DUE);
          double rate = (atFirst - due) / ((System.nanoTime() - begun) / 1e9);
          progress.show(() -> books.text() + ", " + due + " due" + estimate(due, rate));
          return due;
        });
  }

  private Duration patience() {
    return scenario.service().deadline().plus(ServiceProcess.GUARD);
  }

  private static String books(Load load, Sink sink, int promised) {
    int accepted = promised + load.accepted();
    int delivered = sink.delivered();
    int inFlight = Math.max(0, accepted - delivered);
    return "accepted " + accepted + ", delivered " + delivered + ", in flight " + inFlight;
  }

  private String untilSignal(Load load, Sink sink) {
    Duration time = scenario.after().time();
    if (scenario.quiet()) {
      return "";
    }
    if (time != null) {
      return ", signal in "
          + Math.round(Math.max(0, time.toMillis() / 1e3 - load.seconds()))
          + " s";
    }
    int done = scenario.load().signups() > 0 ? load.accepted() : sink.delivered();
    int left = Math.max(0, scenario.after().accepted() - done);
    return ", signal after " + left + " more" + estimate(left, done / load.seconds());
  }

  private static String estimate(int left, double rate) {
    return rate > 0 ? ", about " + Math.round(left / rate) + " s left" : "";
  }
}
