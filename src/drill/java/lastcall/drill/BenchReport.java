package lastcall.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * All that a bench has measured.
 *
 * @param answers from the request to its 202
 * @param emails from the 202 to the accepted e-mail
 */
record BenchReport(
    BenchPlan plan,
    Map<String, Object> machine,
    List<Figure> figures,
    Moments.Latency answers,
    Moments.Latency emails,
    List<ClientsPoint> curve,
    List<ConnectionsPoint> connections,
    Stop stop) {
  /**
   * @param refused sign-ups that were not answered 202
   */
  record ClientsPoint(int clients, double perSecond, Moments.Latency latency, int refused) {
    private Map<String, Object> json() {
      return Figure.map(
          "clients", clients,
          "signups_per_second", perSecond,
          "p50_ms", latency.p50(),
          "p99_ms", latency.p99(),
          "refused", refused);
    }
  }

  /**
   * E-mails a second out of a backlog.
   *
   * @param warm of its later half
   * @param raw of a raw client into the same mail server
   */
  record ConnectionsPoint(int connections, double perSecond, double warm, double raw) {
    private Map<String, Object> json() {
      return Figure.map(
          "connections", connections,
          "emails_per_second", perSecond,
          "emails_per_second_later_half", warm,
          "raw_client_per_second", raw,
          "percent_of_raw_client", 100 * warm / raw);
    }
  }

  /**
   * The stop under load, in steps.
   *
   * @param answers 202 within each step
   * @param emails accepted within each step
   * @param waiting at the end of each step: 202 was read, and the e-mail is not accepted yet
   */
  record Stop(
      Duration step,
      double seconds,
      int status,
      Counts counts,
      List<Integer> answers,
      List<Integer> emails,
      List<Integer> waiting) {
    /** What is shown before the signal, and after the exit. */
    static final Duration BEFORE = Duration.ofSeconds(2);

    private static final Duration AFTER = Duration.ofMillis(500);
    private static final int STEPS = 100; // at most

    static Stop of(Moments moments, long signal, long exit, int status, Counts counts) {
      Duration all = BEFORE.plusNanos(exit - signal).plus(AFTER);
      Duration step = Duration.ofMillis(Math.max(50, all.toMillis() / STEPS + 1));
      int steps = (int) all.dividedBy(step);
      long from = signal - BEFORE.toNanos();
      IntStream ends = IntStream.rangeClosed(1, steps);
      return new Stop(
          step,
          (exit - signal) / 1e9,
          status,
          counts,
          moments.answersBy(from, step, steps),
          moments.emailsBy(from, step, steps),
          ends.map(i -> moments.waiting(from + i * step.toNanos())).boxed().toList());
    }

    private List<Figure> figures() {
      return List.of(
          new Figure("stop_seconds", seconds, "from TERM under full load to the exit"),
          count("stop_status", status, "exit status; 0: all that was due is sent"),
          count("lost", counts.lost(), "202 read, not accepted by the mail server, not due"),
          count("twice", counts.duplicates(), "accepted again by the mail server"),
          count("cut_off", counts.cutOff(), "requests without an answer"),
          count("kept", counts.kept(), "due after the exit: the next start sends them"),
          count("accepted", counts.accepted(), "202 read in all"),
          count("delivered", counts.delivered(), "accepted by the mail server in all"));
    }

    private static Figure count(String key, int value, String how) {
      return new Figure(key, (double) value, how);
    }

    private Map<String, Object> json() {
      return Figure.map(
          "step_seconds", step.toMillis() / 1e3,
          "signal_at_seconds", BEFORE.toMillis() / 1e3,
          "answers", answers,
          "emails", emails,
          "waiting", waiting);
    }
  }

  /** All single figures. */
  List<Figure> all() {
    List<Figure> all = new ArrayList<>(figures);
    latency(all, "answer_", answers, "from the request to its 202");
    latency(all, "email_", emails, "from the 202 to the accepted dot");
    all.addAll(stop.figures());
    return all;
  }

  private static void latency(List<Figure> all, String key, Moments.Latency latency, String text) {
    String how = text + ", of " + latency.count() + ", exact";
    for (int i = 0; i < latency.values().size(); i++) {
      String name = Moments.Latency.NAMES.get(i).replace('.', '_');
      all.add(new Figure(key + name + "_ms", latency.values().get(i), how));
    }
  }

  List<Map<String, Object>> clientsTable() {
    return curve.stream().map(ClientsPoint::json).toList();
  }

  List<Map<String, Object>> connectionsTable() {
    return connections.stream().map(ConnectionsPoint::json).toList();
  }

  Map<String, Object> json() {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Object> how = new LinkedHashMap<>();
    for (Figure figure : all()) {
      values.put(figure.key(), figure.value());
      how.put(figure.key(), figure.how());
    }
    return Figure.map(
        "machine", machine,
        "settings", plan.json(),
        "figures", values,
        "how_or_why_not", how,
        "clients", clientsTable(),
        "connections", connectionsTable(),
        "stop", stop.json());
  }
}
