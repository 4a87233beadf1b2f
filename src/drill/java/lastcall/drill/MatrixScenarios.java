package lastcall.drill;

import java.util.ArrayList;
import java.util.List;

/** {@code --strategies all}: one table in which the losing rows stay visible. */
final class MatrixScenarios {
  /** Those that wait for what runs lose by KILL only, the others by TERM. */
  private static final List<String> MATRIX =
      List.of(
          "none memory TERM",
          "sleep memory TERM",
          "channels memory TERM",
          "closing-waitgroup memory TERM",
          "waitgroup memory TERM",
          "executor memory TERM",
          "scope memory TERM",
          "waitgroup memory KILL",
          "executor memory KILL",
          "scope memory KILL",
          "scope outbox TERM",
          "scope outbox KILL");

  /** What {@code --strategies all} fixes, so that each of its rows is fair to the others. */
  static final List<String> FIXED =
      List.of(
          "--signups --clients --rate --smtp-delay --smtp-error-rate --smtp-outage --signal --after"
              .split(" "));

  private MatrixScenarios() {}

  /** Same sizes and moments for all that have the same SMTP time, and work left at the signal. */
  static List<Scenario> of(Scenario.Service service, long seed, int repeat) {
    List<Scenario> rows = new ArrayList<>();
    for (String delay : List.of("50ms", "2s")) {
      boolean slow = delay.equals("2s"); // work x delay / concurrency stays below 10 s
      Load.Plan load = new Load.Plan(slow ? 128 : 1500, 32, 0);
      Scenario.After after = new Scenario.After(slow ? 96 : 1000, null);
      Sink.Behaviour smtp = Sink.Behaviour.slow(Durations.parse(delay));
      for (String row : MATRIX) {
        String[] r = row.split(" ", -1);
        Signals signal = Signals.parse(r[2]);
        boolean memory = r[1].equals("memory");
        boolean restart = !memory && r[2].equals("KILL");
        Scenario.Fleet one = Scenario.Fleet.NONE;
        rows.add(
            new Scenario(
                r[0], memory, signal, after, restart, load, smtp, service, one, seed, repeat,
                null));
      }
    }
    return rows;
  }
}
