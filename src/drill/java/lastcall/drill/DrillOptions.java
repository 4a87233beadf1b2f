package lastcall.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Turns the command line into scenarios. */
final class DrillOptions extends Options {
  private static final String COUNT = "[1-9]\\d{0,5}";
  private static final String STRATEGY =
      "(none|sleep|channels|closing-waitgroup|waitgroup|executor|scope|outbox)";
  private static final String OUTBOX = "outbox"; // the service, beside others

  private static final String STRATEGIES = "all|" + STRATEGY + "(," + STRATEGY + ")*";
  private static final String SIGNALS = Signals.FORM.pattern();

  private static final String POINT = CrashScenarios.POINT;
  private static final String POINTS = "all|" + POINT + "(," + POINT + ")*";

  private static final List<Option> COMMON =
      List.of(
          new Option("--signups", "N", "1000", "\\d{1,6}", "sign-ups, 1 to 999999"),
          new Option("--clients", "N", "32", TO_1000, "keep-alive clients, 1 to 1000"),
          new Option("--rate", "N", "0", "\\d{1,6}(\\.\\d+)?", "sign-ups a second; 0 is no limit"),
          new Option(
              "--smtp-delay", "TIME", "50ms", "\\d{1,3}ms|\\ds", "final dot to 250, 0s to 9s"),
          new Option(
              "--smtp-error-rate",
              "P",
              "0",
              "0(\\.\\d+)?",
              "share of e-mails answered 451, 0 to 0.99"),
          new Option(
              "--smtp-outage", "FROM,FOR", "", TIME + "," + TIME, "421 to all, such as 1s,5s"),
          new Option("--signal", "S", "TERM", SIGNALS, "TERM, INT, KILL, TERM,KILL@30s, none"),
          new Option("--after", "WHEN", "", COUNT + "|" + TIME, "N answers 202, or 2s; or random"),
          new Option("--slow-connections", "N", "", COUNT, "beside --clients, who must not mind"),
          new Option(
              "--bound", "X", "2", "[1-9]\\d?(\\.\\d)?", "their p99 beside those / alone, 1 to 99"),
          new Option("--strategies", "LIST", "", STRATEGIES, "all, or some of " + STRATEGY),
          new Option("--crash-points", "LIST", "", POINTS, "all, or some of " + POINT),
          new Option("--queue", "QUEUE", "", "outbox|memory", "outbox; memory with --strategies"),
          new Option("--deadline", "TIME", "25s", TIME, "shutdown.deadline, 2s to 60m"),
          new Option("--concurrency", "N", "32", TO_1000, "delivery.concurrency, 1 to 1000"),
          new Option("--hash", "HASH", "cheap", "cheap|owasp", "of passwords: cheap or owasp"),
          new Option("--repeat", "N", "1", COUNT, "how often all of it is done, 1 to 999999"),
          new Option("--seed", "N", "", "\\d{1,9}", "of all random moments, up to 999999999"),
          new Option("--json", "FILE", "", ".+", "the rows for programs"),
          new Option("--html", "FILE", "", ".+", "a page: a bar for each send, lines for the stop"),
          new Option("--svg", "FILE", "", ".+", "the picture of that page alone"));

  static final List<Option> ALL =
      Stream.of(COMMON, FleetOptions.ALL, DATABASE).flatMap(List::stream).toList();

  /** What {@code --saturate} fixes. */
  private static final List<String> SATURATED =
      List.of(
          "--signups --clients --rate --hash --signal --strategies --queue --crash-points"
              .split(" "));

  /** What {@code --slow-connections} leaves open. */
  private static final List<String> SLOW =
      List.of("--slow-connections", "--bound", "--clients", "--rate");

  private static final Duration HOUR = Duration.ofHours(1);

  DrillOptions(ParseResult parsed) {
    super(parsed, ALL);
  }

  /** Empty if there are errors. */
  List<Scenario> scenarios() {
    if (!errors().isEmpty()) {
      return List.of(); // a value of the wrong form can't be parsed
    }
    String seed = value("--seed");
    long first = seed.isEmpty() ? new Random().nextInt(1_000_000_000) : Long.parseLong(seed);
    Scenario.Service service =
        new Scenario.Service(
            duration("--deadline"),
            number("--concurrency"),
            value("--hash").equals("cheap") && !given("--saturate"),
            FleetOptions.lease(this),
            FleetOptions.rate(this));
    Scenario.Fleet fleet = FleetOptions.fleet(this);
    Duration deadline = service.deadline();
    check(deadline.toSeconds() >= 2 && deadline.compareTo(HOUR) <= 0, "--deadline: from 2s to 60m");
    String crashes = value("--crash-points");
    boolean all = value("--strategies").equals("all");
    fixed(all ? MatrixScenarios.FIXED : List.of(), "--strategies all");
    fixed(all ? FleetOptions.NAMES : List.of(), "--strategies all");
    if (!crashes.isEmpty()) {
      fixed(MatrixScenarios.FIXED, "--crash-points");
      fixed(CrashScenarios.FIXED, "--crash-points");
      fixed(FleetOptions.NAMES, "--crash-points");
    }
    fixed(given("--saturate") ? SATURATED : List.of(), "--saturate");
    fixed(given("--saturate") ? FleetOptions.NAMES : List.of(), "--saturate");
    List<Scenario> scenarios = new ArrayList<>();
    for (int repeat = 1; repeat <= number("--repeat"); repeat++) {
      scenarios.addAll(
          !crashes.isEmpty()
              ? CrashScenarios.of(crashes, service.cheapHash(), first, repeat)
              : all
                  ? MatrixScenarios.of(service, first, repeat)
                  : chosen(service, fleet, first, repeat));
      if (!errors().isEmpty()) {
        return List.of();
      }
    }
    return scenarios;
  }

  /** Null without {@code --slow-connections}. */
  SlowRun.@Nullable Plan slow() {
    if (!given("--slow-connections") || !errors().isEmpty()) {
      return null;
    }
    List<String> others = ALL.stream().map(Option::name).filter(o -> !SLOW.contains(o)).toList();
    fixed(others, "--slow-connections");
    return new SlowRun.Plan(
        number("--slow-connections"),
        number("--clients"),
        Double.parseDouble(value("--rate")),
        Double.parseDouble(value("--bound")));
  }

  private List<Scenario> chosen(
      Scenario.Service service, Scenario.Fleet fleet, long seed, int repeat) {
    String list = value("--strategies");
    String queue = value("--queue");
    boolean memory = queue.isEmpty() ? !list.isEmpty() : queue.equals("memory");
    List<String> strategies = List.of((list.isEmpty() ? "scope" : list).split(",", -1));
    check(
        memory || strategies.stream().allMatch(s -> s.equals("scope") || s.equals(OUTBOX)),
        "--strategies " + list + ": with --queue outbox there is only scope");
    check(
        queue.isEmpty() || !memory || !strategies.contains(OUTBOX),
        "--strategies " + list + ": outbox is not in memory");
    check(!memory || fleet.equals(Scenario.Fleet.NONE), "--queue memory: one instance on SQLite");
    check(!memory || service.rate().isNone(), "--queue memory: has no --delivery-rate");
    Load.Plan load =
        given("--saturate")
            ? new Load.Plan(Load.Plan.OPEN, Scenario.crowd(), 0)
            : FleetOptions.load(this, fleet);
    check(load.signups() > 0 || fleet.due() > 0, "--signups 0: only with --due");
    String outage = value("--smtp-outage").isEmpty() ? "0s,0s" : value("--smtp-outage");
    Sink.Behaviour smtp =
        new Sink.Behaviour(
            duration("--smtp-delay"),
            Double.parseDouble(value("--smtp-error-rate")),
            Durations.parse(outage.split(",", -1)[0]),
            Durations.parse(outage.split(",", -1)[1]));
    Signals signal = FleetOptions.signal(this, fleet, load);
    Scenario.After after = after(load, fleet, seed + repeat);
    boolean restart = given("--restart");
    return strategies.stream()
        .map(s ->
            new Scenario(
                s.equals(OUTBOX) ? "scope" : s,
                memory && !s.equals(OUTBOX),
                signal,
                after,
                restart,
                load,
                smtp,
                service,
                fleet,
                seed,
                repeat,
                null))
        .toList();
  }

  private Scenario.After after(Load.Plan load, Scenario.Fleet fleet, long seed) {
    String after = value("--after");
    int all = load.signups() == 0 ? fleet.due() : load.signups();
    if (after.isEmpty()) { // in the middle: not when it has just begun or is nearly over
      double share = 0.3 + 0.4 * new SplittableRandom(seed).nextDouble();
      int most = given("--saturate") ? 200 : load.open() ? 1000 : all; // no end, no middle
      return new Scenario.After(Math.max(1, (int) (most * share)), null);
    }
    if (after.matches(TIME)) {
      Duration time = Durations.parse(after);
      check(time.compareTo(HOUR) <= 0, "--after: up to 60m");
      return new Scenario.After(0, time);
    }
    check(number("--after") <= all, "--after: more than --signups");
    return new Scenario.After(number("--after"), null);
  }

  private void fixed(List<String> options, String by) {
    options.forEach(o -> check(!given(o), o + ": fixed by " + by));
  }
}
