package lastcall.drill;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import lastcall.config.DeliveryRate;
import lastcall.lab.CrashPoint;

/**
 * {@code --crash-points}: one send at a time, so that a duplicate can only come from the point
 * itself. Where sign-ups pass, an outage holds the sends back; where the stop does, the deadline
 * leaves some undone.
 */
final class CrashScenarios {
  /** What they fix. */
  static final List<String> FIXED =
      List.of("--strategies", "--queue", "--deadline", "--concurrency", "--restart");

  static final String POINT =
      Arrays.stream(CrashPoint.values())
          .map(CrashPoint::spelled)
          .collect(Collectors.joining("|", "(", ")"));

  private static final int SIGNUPS = 20;
  private static final int BEFORE_TERM = 10;
  private static final int PASSED = 3; // so that something went well before

  private CrashScenarios() {}

  /**
   * @param names all, or points by name
   */
  static List<Scenario> of(String names, boolean cheapHash, long seed, int repeat) {
    List<String> chosen = List.of(names.split(",", -1));
    return Arrays.stream(CrashPoint.values())
        .filter(point -> names.equals("all") || chosen.contains(point.spelled()))
        .map(point -> scenario(point, cheapHash, seed, repeat))
        .toList();
  }

  private static Scenario scenario(CrashPoint point, boolean cheapHash, long seed, int repeat) {
    Duration outage = point.atSignup() ? Duration.ofHours(1) : Duration.ZERO;
    Duration delay = Duration.ofMillis(point.atStop() ? 200 : 0);
    Duration deadline = Duration.ofSeconds(point.atStop() ? 2 : 25);
    return new Scenario(
        "scope",
        false,
        Signals.parse("TERM"),
        new Scenario.After(BEFORE_TERM, null),
        true,
        new Load.Plan(SIGNUPS, 4, 0),
        new Sink.Behaviour(delay, 0, Duration.ZERO, outage),
        new Scenario.Service(deadline, 1, cheapHash, null, DeliveryRate.NONE),
        Scenario.Fleet.NONE,
        seed,
        repeat,
        new Scenario.Crash(point, point.atStop() ? 1 : PASSED));
  }
}
