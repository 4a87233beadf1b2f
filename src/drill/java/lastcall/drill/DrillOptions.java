package lastcall.drill;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;
import lastcall.lab.CrashPoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** The command line as scenarios. What is wrong is collected, so that all of it is told at once. */
final class DrillOptions {
  static final List<String> STRATEGIES =
      List.of("none", "sleep", "channels", "closing-waitgroup", "waitgroup", "executor", "scope");

  /** Those that wait for what runs, so that only KILL makes them lose. */
  private static final List<String> WAITING = List.of("waitgroup", "executor", "scope");

  /** What {@code --strategies all} fixes, so that each of its rows is fair to the others. */
  private static final List<String> FIXED =
      List.of(
          "--signups --clients --rate --smtp-delay --smtp-error-rate --smtp-outage --signal --after"
              .split(" "));

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SLOWEST = Duration.ofSeconds(9); // below smtp.timeout

  private final ParseResult parsed;
  private final List<String> errors = new ArrayList<>();

  DrillOptions(ParseResult parsed) {
    this.parsed = parsed;
  }

  /** What is wrong, after everything was asked for. */
  List<String> errors() {
    return errors;
  }

  long seed() {
    return read("--seed", new Random().nextLong(1_000_000_000), DrillOptions::whole, n -> n >= 0);
  }

  boolean cheapHash() {
    return choice("--hash", Set.of("cheap", "owasp"), "cheap").equals("cheap");
  }

  @Nullable Path json() {
    Path file = read("--json", Path.of(""), Path::of, p -> true);
    if (file.toString().isEmpty()) {
      return null;
    }
    Path directory = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || directory == null || !Files.isWritable(directory)) {
      errors.add("--json " + file + ": must be a file in a directory that can be written to");
    }
    return file;
  }

  List<Scenario> scenarios(long seed) {
    Scenario.Service service =
        new Scenario.Service(
            duration("--deadline", Duration.ofSeconds(25), Duration.ofSeconds(2), HOUR),
            (int) number("--concurrency", 32, 1000),
            cheapHash());
    int repeats = (int) number("--repeat", 1, 10_000);
    List<Scenario> scenarios = new ArrayList<>();
    for (int repeat = 1; repeat <= repeats; repeat++) {
      scenarios.addAll(
          given("--crash-points") != null
              ? crashes(service, seed, repeat)
              : "all".equals(given("--strategies"))
                  ? matrix(service, seed, repeat)
                  : chosen(service, seed, repeat));
      if (!errors.isEmpty()) {
        break;
      }
    }
    return scenarios;
  }

  private List<Scenario> chosen(Scenario.Service service, long seed, int repeat) {
    @Nullable String list = given("--strategies");
    List<String> strategies = list == null ? List.of("scope") : List.of(list.split(",", -1));
    String queue =
        choice("--queue", Set.of("outbox", "memory"), list == null ? "outbox" : "memory");
    for (String strategy : strategies) {
      if (!STRATEGIES.contains(strategy)) {
        errors.add("--strategies " + strategy + ": must be all, or some of " + STRATEGIES);
      } else if (queue.equals("outbox") && !strategy.equals("scope")) {
        errors.add("--strategies " + strategy + ": goes with --queue memory only");
      }
    }
    Load.Plan load =
        new Load.Plan(
            (int) number("--signups", 1000, 1_000_000),
            (int) number("--clients", 32, 1000),
            read("--rate", 0.0, Double::valueOf, r -> r >= 0.01 && r <= 1e6));
    Sink.Behaviour smtp = smtp();
    Signals signal = read("--signal", signal("TERM"), DrillOptions::signal, s -> true);
    // In the middle of the load: not when it has just begun or is nearly over.
    double share = 0.3 + 0.4 * new SplittableRandom(seed + repeat).nextDouble();
    Scenario.After middle = new Scenario.After(Math.max(1, (int) (load.signups() * share)), null);
    Scenario.After after = read("--after", middle, DrillOptions::after, a -> fits(a, load));
    boolean restart = parsed.hasMatchedOption("--restart");
    return strategies.stream()
        .map(strategy ->
            new Scenario(
                strategy,
                queue.equals("memory"),
                signal,
                after,
                restart,
                load,
                smtp,
                service,
                seed,
                repeat,
                null))
        .toList();
  }

  private Sink.Behaviour smtp() {
    String outage = given("--smtp-outage");
    Duration from = Duration.ZERO;
    Duration lasting = Duration.ZERO;
    if (outage != null) {
      String[] parts = outage.split(",", -1);
      @Nullable Duration first = Durations.parse(parts[0]);
      @Nullable Duration second = parts.length == 2 ? Durations.parse(parts[1]) : null;
      if (first == null || second == null) {
        errors.add("--smtp-outage " + outage + ": must be FROM,FOR such as 1s,5s");
      } else {
        from = first;
        lasting = second;
      }
    }
    return new Sink.Behaviour(
        duration("--smtp-delay", Duration.ofMillis(50), Duration.ZERO, SLOWEST),
        read("--smtp-error-rate", 0.0, Double::valueOf, r -> r >= 0 && r <= 0.9),
        from,
        lasting);
  }

  private static boolean fits(Scenario.After after, Load.Plan load) {
    Duration time = after.time();
    return time == null
        ? after.accepted() >= 1 && after.accepted() <= load.signups()
        : time.compareTo(HOUR) <= 0;
  }

  /** The rows of the issue: same sizes and moments for each of one SMTP time. */
  private List<Scenario> matrix(Scenario.Service service, long seed, int repeat) {
    refuse(FIXED, "--strategies all");
    List<Scenario> rows = new ArrayList<>();
    for (boolean slow : List.of(false, true)) {
      // Work × delay ÷ concurrency stays far below the deadline, and work is left at the signal.
      Duration delay = slow ? Duration.ofSeconds(2) : Duration.ofMillis(50);
      Load.Plan load = new Load.Plan(slow ? 128 : 1500, 32, 0);
      Scenario.After after = new Scenario.After(slow ? 96 : 1000, null);
      Sink.Behaviour smtp = Sink.Behaviour.slow(delay);
      Cell cell =
          (strategy, memory, signal) ->
              rows.add(
                  new Scenario(
                      strategy,
                      memory,
                      signal(signal),
                      after,
                      !memory && signal.equals("KILL"),
                      load,
                      smtp,
                      service,
                      seed,
                      repeat,
                      null));
      STRATEGIES.forEach(strategy -> cell.add(strategy, true, "TERM"));
      WAITING.forEach(strategy -> cell.add(strategy, true, "KILL"));
      List.of("TERM", "KILL").forEach(signal -> cell.add("scope", false, signal));
    }
    return rows;
  }

  /**
   * One send at a time, so that a duplicate can only come from the point itself. Where sign-ups
   * pass, an outage holds the sends back; where the stop does, the deadline leaves some undone.
   */
  private List<Scenario> crashes(Scenario.Service service, long seed, int repeat) {
    refuse(FIXED, "--crash-points");
    refuse(List.of("--strategies", "--queue", "--deadline", "--concurrency"), "--crash-points");
    Load.Plan load = new Load.Plan(20, 4, 0);
    List<Scenario> rows = new ArrayList<>();
    for (CrashPoint point : crashPoints()) {
      Duration outage = point.atSignup() ? HOUR : Duration.ZERO;
      Duration delay = point.atStop() ? Duration.ofMillis(200) : Duration.ZERO;
      Duration deadline = point.atStop() ? Duration.ofSeconds(2) : service.deadline();
      rows.add(
          new Scenario(
              "scope",
              false,
              signal("TERM"),
              new Scenario.After(10, null),
              true,
              load,
              new Sink.Behaviour(delay, 0, Duration.ZERO, outage),
              new Scenario.Service(deadline, 1, service.cheapHash()),
              seed,
              repeat,
              new Scenario.Crash(point, point.atStop() ? 1 : 3)));
    }
    return rows;
  }

  private List<CrashPoint> crashPoints() {
    List<CrashPoint> all = List.of(CrashPoint.values());
    List<String> names = List.of(String.valueOf(given("--crash-points")).split(",", -1));
    if (names.equals(List.of("all"))) {
      return all;
    }
    List<String> known = all.stream().map(CrashPoint::spelled).toList();
    names.stream()
        .filter(name -> !known.contains(name))
        .forEach(
            name -> errors.add("--crash-points " + name + ": must be all, or some of " + known));
    return all.stream().filter(point -> names.contains(point.spelled())).toList();
  }

  private void refuse(List<String> options, String by) {
    options.stream()
        .filter(parsed::hasMatchedOption)
        .forEach(option -> errors.add(option + ": fixed by " + by));
  }

  private interface Cell {
    void add(String strategy, boolean memory, String signal);
  }

  private @Nullable String given(String option) {
    return parsed.matchedOptionValue(option, null);
  }

  /** The option's value, or what it is without the option; a bad one is an error. */
  private <T> T read(
      String option, T otherwise, Function<String, ? extends @Nullable T> parser, Predicate<T> ok) {
    String text = given(option);
    if (text == null) {
      return otherwise;
    }
    try {
      T value = parser.apply(text);
      if (value != null && ok.test(value)) {
        return value;
      }
    } catch (IllegalArgumentException e) {
      // told below, together with what is out of range
    }
    String wanted = String.join(" ", parsed.commandSpec().findOption(option).description());
    errors.add(option + " " + text + ": " + wanted);
    return otherwise;
  }

  private long number(String option, long otherwise, long most) {
    return read(option, otherwise, DrillOptions::whole, n -> n >= 1 && n <= most);
  }

  private Duration duration(String option, Duration otherwise, Duration least, Duration most) {
    Predicate<Duration> fits = d -> d.compareTo(least) >= 0 && d.compareTo(most) <= 0;
    return read(option, otherwise, Durations::parse, fits);
  }

  private String choice(String option, Set<String> choices, String otherwise) {
    return read(option, otherwise, text -> text, choices::contains);
  }

  private static Long whole(String text) {
    return Long.valueOf(text);
  }

  private static Signals signal(String text) {
    Signals signals = Signals.parse(text);
    if (signals == null) {
      throw new IllegalArgumentException();
    }
    return signals;
  }

  private static Scenario.@Nullable After after(String text) {
    if (text.matches("\\d{1,9}")) {
      return new Scenario.After(Integer.parseInt(text), null);
    }
    Duration time = Durations.parse(text);
    return time == null ? null : new Scenario.After(0, time);
  }
}
