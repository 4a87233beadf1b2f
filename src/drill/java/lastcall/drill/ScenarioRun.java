package lastcall.drill;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs one scenario: start, load, signal, exit, perhaps a restart, and the three ledgers. */
final class ScenarioRun {
  private static final String DUE = "outbox WHERE state = 'due'";

  /** The restarted service has sent nothing for so long: longer than any outage's pause. */
  private static final Duration STANDSTILL = Duration.ofSeconds(60);

  private final Scenario scenario;
  private final Workplace workplace;
  private final Progress progress;
  private final String main;

  /**
   * @param main the class that is started, with the service's command line; lastcall.Main, unless
   *     the drill itself is tested
   */
  ScenarioRun(Scenario scenario, Workplace workplace, Progress progress, String main) {
    this.scenario = scenario;
    this.workplace = workplace;
    this.progress = progress;
    this.main = main;
  }

  Row.Counted run() throws Exception {
    progress.show(() -> "starting");
    Path directory = workplace.newDirectory();
    try (Sink sink = new Sink(scenario.smtp(), scenario.seed())) {
      List<String> settings = scenario.settings(sink.port());
      ServiceProcess service = workplace.launch(main, directory, withCrash(settings));
      int port = service.port();
      sink.loadBegins();
      Load load = new Load(scenario.load(), port, directory.getFileName().toString());
      progress.show(() -> books(load, sink) + untilSignal(load));
      Scenario.Crash crash = scenario.crash();
      boolean signals = crash == null || crash.point().atStop();
      if (signals) {
        awaitMoment(load);
        if (!service.isAlive()) {
          throw service.stuck("ended before the signal");
        }
      }

      long signalled = System.nanoTime();
      Duration bound = scenario.service().deadline().plus(Scenario.Service.FORCE);
      progress.show(() -> books(load, sink) + atMost(bound, signalled));
      end(service, signals, bound);
      double seconds = (System.nanoTime() - signalled) / 1e9;
      int status = service.awaitExit();
      Map<String, Integer> requests = load.end();
      List<LogLine> stopped =
          service.log("stopped server").stream().filter(l -> l.has("unknown")).toList();

      Rows rows = service.rows();
      int inFlight = rows.count(DUE + " AND owner IS NOT NULL");
      if (crash != null) {
        sink.outageEnds(); // which had held the sends back
      }
      Row.@Nullable Recovery recovery =
          scenario.restart() ? restart(directory, settings, () -> books(load, sink)) : null;
      if (!sink.awaitIdle()) {
        throw new IllegalStateException("connections to the sink do not end");
      }
      return new Row.Counted(
          scenario,
          Counts.of(requests, rows.users(), rows.due(), sink.accepted()),
          inFlight,
          stopped.isEmpty() ? null : (Integer) stopped.getLast().number("unknown"),
          seconds,
          status,
          recovery);
    } finally {
      workplace.clear(directory);
    }
  }

  private void awaitMoment(Load load) throws InterruptedException {
    Duration time = scenario.after().time();
    if (time == null) {
      load.awaitAccepted(scenario.after().accepted());
    } else {
      Thread.sleep(time);
    }
  }

  private List<String> withCrash(List<String> settings) {
    List<String> all = new ArrayList<>(settings);
    Scenario.Crash crash = scenario.crash();
    if (crash != null) {
      all.add(crash.setting());
    }
    return all;
  }

  /** Sends the signals, unless it ends without, and returns at the exit. */
  private void end(ServiceProcess service, boolean signalled, Duration bound) throws Exception {
    Signals signals = scenario.signal();
    if (signalled) {
      service.signal(signals.first());
    }
    if (signalled && signals.second() != null && !service.endsWithin(signals.pause())) {
      service.signal(signals.second());
    }
    Duration patience = bound.plus(ServiceProcess.GUARD);
    if (!service.endsWithin(patience)) {
      throw service.stuck("no exit " + patience.toSeconds() + " s after " + signals.text());
    }
  }

  /** Serves until nothing is due. */
  private Row.Recovery restart(Path directory, List<String> settings, Progress.Line books)
      throws Exception {
    long launched = System.nanoTime();
    int left = new Rows(directory.resolve("lastcall.db")).count(DUE);
    ServiceProcess service = workplace.launch(main, directory, settings);
    service.await("starting server");
    long begun = System.nanoTime();
    int atFirst = due(service);
    int due = atFirst;
    for (long since = begun; due > 0; due = due(service)) {
      int still = due;
      double rate = (atFirst - still) / ((System.nanoTime() - begun) / 1e9);
      progress.show(() -> books.text() + ", restarted, " + still + " due" + estimate(still, rate));
      Thread.sleep(100);
      if (due(service) < still) {
        since = System.nanoTime();
      } else if (System.nanoTime() - since > STANDSTILL.toNanos()) {
        throw service.stuck(still + " e-mails stay due");
      }
    }
    double seconds = (System.nanoTime() - launched) / 1e9;
    service.signal("TERM");
    Duration bound = scenario.service().deadline().plus(ServiceProcess.GUARD);
    int status = service.awaitExit(bound);
    if (status != 0) {
      throw service.stuck("status " + status + " after the restart");
    }
    int recovered = service.await("outbox opened").number("recovered");
    return new Row.Recovery(left, recovered, seconds);
  }

  private static int due(ServiceProcess service) throws Exception {
    if (!service.isAlive()) {
      throw service.stuck("ended after the restart");
    }
    try {
      return service.rows().count(DUE);
    } catch (SQLException e) {
      throw new IllegalStateException("can't read the database: " + e.getMessage(), e);
    }
  }

  private static String books(Load load, Sink sink) {
    int accepted = load.accepted();
    int delivered = sink.delivered();
    return "accepted %d, delivered %d, in flight %d"
        .formatted(accepted, delivered, Math.max(0, accepted - delivered));
  }

  private String untilSignal(Load load) {
    Duration time = scenario.after().time();
    if (time != null) {
      return ", signal in %.0f s".formatted(Math.max(0, time.toMillis() / 1e3 - load.seconds()));
    }
    int left = Math.max(0, scenario.after().accepted() - load.accepted());
    return ", signal after %d more".formatted(left)
        + estimate(left, load.accepted() / load.seconds());
  }

  private static String estimate(int left, double rate) {
    return rate > 0 ? ", about %.0f s left".formatted(left / rate) : "";
  }

  private static String atMost(Duration bound, long since) {
    double left = bound.toMillis() / 1e3 - (System.nanoTime() - since) / 1e9;
    return ", stopping, at most %.0f s left".formatted(Math.max(0, left));
  }
}
