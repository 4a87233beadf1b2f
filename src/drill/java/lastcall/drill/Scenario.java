package lastcall.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.lab.CrashPoint;
import org.jspecify.annotations.Nullable;

/**
 * What one row of the table is about.
 *
 * @param after the signal comes when so many 202 were read, or after that time
 * @param restart whether the service is started again, until nothing is due
 * @param seed all random moments come from it
 * @param crash null if only signals end the process
 */
record Scenario(
    String strategy,
    boolean memory,
    Signals signal,
    After after,
    boolean restart,
    Load.Plan load,
    Sink.Behaviour smtp,
    Service service,
    long seed,
    int repeat,
    @Nullable Crash crash) {
  /** The process ends itself when it passes the point for this time. */
  record Crash(CrashPoint point, int times) {
    String setting() {
      return "lab.crash-at=" + point.spelled() + ":" + times;
    }
  }

  /** When {@code time} is null, {@code accepted} counts. */
  record After(int accepted, @Nullable Duration time) {}

  /** What all rows of a run share of the service's configuration. */
  record Service(Duration deadline, int concurrency, boolean cheapHash) {
    /** Beyond the deadline the service ends itself within this time. */
    static final Duration FORCE = Duration.ofMillis(1500);

    private List<String> settings() {
      Duration grace = deadline.minusSeconds(1);
      Duration most = Duration.ofSeconds(5);
      List<String> settings =
          new ArrayList<>(
              List.of(
                  "shutdown.deadline=" + deadline,
                  "shutdown.request-grace=" + (grace.compareTo(most) < 0 ? grace : most),
                  "delivery.concurrency=" + concurrency));
      if (cheapHash) {
        settings.addAll(ServiceProcess.CHEAP_HASH);
      }
      return settings;
    }
  }

  List<String> settings(int smtpPort) {
    List<String> settings = new ArrayList<>(service.settings());
    settings.addAll(List.of("smtp.host=127.0.0.1", "smtp.port=" + smtpPort, "smtp.tls=none"));
    if (smtp.errorRate() > 0) {
      settings.add("delivery.backoff.max=2s"); // or a restart would wait for half an hour
    }
    if (memory) {
      settings.addAll(List.of("lab.queue=memory", "lab.strategy=" + strategy));
    }
    return settings;
  }

  String queue() {
    return memory ? "memory" : "outbox";
  }

  /** When the signal comes, of how many sign-ups. */
  String moment() {
    Duration time = after.time();
    String when = time == null ? "" + after.accepted() : Durations.text(time);
    return when + "/" + load.signups();
  }

  String title() {
    if (crash != null) {
      return "crash " + crash.point().spelled();
    }
    String delay = Durations.text(smtp.delay());
    return strategy + " " + queue() + " " + signal.text() + (restart ? " restart " : " ") + delay;
  }
}
