package lastcall.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** Turns the command line into a plan. */
final class BenchOptions extends Options {
  private static final String COUNT = "(?:[1-9]\\d{0,2}|10[01]\\d|102[0-4])"; // 1 to 1024
  private static final String COUNTS = "none|" + COUNT + "(," + COUNT + ")*";
  private static final Duration MOST = Duration.ofMinutes(1);

  static final List<Option> ALL =
      Stream.concat(
              Stream.of(
                  new Option("--for", "TIME", "12s", TIME, "measured under load, 1s to 1m"),
                  new Option("--warm-up", "TIME", "20s", TIME, "under load before, 0s to 1m"),
                  new Option("--clients", "N", "32", COUNT, "keep-alive clients, 1 to 1024"),
                  new Option("--concurrency", "N", "64", TO_1000, "SMTP connections, 1 to 1000"),
                  new Option(
                      "--smtp-delay", "TIME", "0s", "\\d{1,3}ms|\\ds", "final dot to 250, to 9s"),
                  new Option("--password", "HASH", "cheap", "cheap|real", "cheap or real"),
                  new Option(
                      "--curve", "LIST", "1,8,32,128,1024", COUNTS, "clients, to 1024; or none"),
                  new Option(
                      "--connections",
                      "LIST",
                      "1,8,64",
                      COUNTS,
                      "SMTP connections for the backlog, to 1000; or none"),
                  new Option("--backlog", "N", "20000", "[1-9]\\d{1,5}", "e-mails, 10 to 999999"),
                  new Option("--json", "FILE", "", ".+", "all figures for programs"),
                  new Option("--html", "FILE", "", ".+", "a page with the pictures"),
                  new Option("--config", "FILE", "", ".+", "a YAML file for the service")),
              DATABASE.stream())
          .toList();

  private final Map<String, String> settings;

  BenchOptions(ParseResult parsed) {
    super(parsed, ALL);
    settings = parsed.matchedOptionValue("-D", Map.<String, String>of());
  }

  /** Null if there are errors. */
  @Nullable BenchPlan plan() {
    for (String key : settings.keySet()) {
      check(
          BenchPlan.FIXED.stream().noneMatch(key::startsWith),
          "-D" + key + ": bench sets " + String.join("*, ", BenchPlan.FIXED) + " itself");
    }
    Path config = value("--config").isEmpty() ? null : Path.of(value("--config"));
    check(
        config == null || config.toFile().isFile(),
        "--config " + config + ": there is no such file");
    if (!errors().isEmpty()) {
      return null; // a value of the wrong form can't be parsed
    }
    Duration time = duration("--for");
    check(time.toSeconds() >= 1 && time.compareTo(MOST) <= 0, "--for: from 1s to 1m");
    check(duration("--warm-up").compareTo(MOST) <= 0, "--warm-up: from 0s to 1m");
    return new BenchPlan(
        duration("--warm-up"),
        time,
        number("--clients"),
        number("--concurrency"),
        duration("--smtp-delay"),
        value("--password").equals("cheap"),
        database(),
        numbers("--curve"),
        numbers("--connections"),
        number("--backlog"),
        config,
        settings);
  }

  private List<Integer> numbers(String option) {
    return value(option).equals("none")
        ? List.of()
        : Stream.of(value(option).split(",", -1)).map(Integer::valueOf).toList();
  }
}
