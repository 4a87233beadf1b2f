package lastcall.management;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import lastcall.admin.Readings;
import org.jspecify.annotations.Nullable;

/** What a scrape looks at, besides what was counted as it happened. */
final class Gauges {
  /** A scrape waits so long for the database; then it has what was last known. */
  private static final Duration MOMENT = Duration.ofMillis(100);

  /** In their order. */
  private static final List<String> PHASES =
      List.of("announce", "requests", "sign-ups", "drain", "cut", "release", "close");

  private final Management.Sources sources;
  private final StopStatus stop;
  private final Supplier<@Nullable Readings> outbox;
  private final Supplier<@Nullable Map<String, Object>> lastStop;

  Gauges(Management.Sources sources, StopStatus stop, DatabaseView database) {
    this(sources, stop, () -> database.scraped(MOMENT), database::lastStop);
  }

  Gauges(
      Management.Sources sources,
      StopStatus stop,
      Supplier<@Nullable Readings> outbox,
      Supplier<@Nullable Map<String, Object>> lastStop) {
    this.sources = sources;
    this.stop = stop;
    this.outbox = outbox;
    this.lastStop = lastStop;
  }

  void register(Meters meters) {
    meters.gauge(
        "lastcall_outbox_emails",
        "E-mails in the outbox, of all instances; each count ends at 10,000",
        "state",
        this::emails);
    meters.gauge(
        "lastcall_outbox_oldest_due_timestamp_seconds",
        "Since when the oldest due e-mail is due, or NaN",
        this::oldestDue);
    meters.gauge(
        "lastcall_sends_in_flight",
        "E-mails that are claimed here and whose result is not recorded yet",
        sources.inFlight()::getAsInt);
    meters.gauge(
        "lastcall_smtp_connections",
        "Open connections to the mail server, in use or kept",
        sources.smtpConnections()::getAsInt);
    meters.gauge(
        "lastcall_database_healthy",
        "1 if the last commit worked, or a probe since then",
        () -> sources.databaseHealthy().getAsBoolean() ? 1 : 0);
    meters.gauge(
        "lastcall_password_queue",
        "Passwords that wait for their hash, or are being hashed",
        sources.passwords()::getAsInt);
    meters.gauge(
        "lastcall_stop_phase", "1 for the phase of the stop that runs", "phase", this::phases);
    meters.gauge(
        "lastcall_stop_deadline_timestamp_seconds",
        "The deadline of the stop that runs, or NaN",
        stop::deadline);
    meters.gauge(
        "lastcall_last_stop_status",
        "The exit status of the process that ended last, or NaN",
        this::lastStatus);
    meters.counter(
        "lastcall_log_lines_dropped",
        "Lines of the log that were dropped, since nobody read them",
        sources.logLinesDropped());
  }

  /** Nothing before the first reading. */
  private Map<String, Double> emails() {
    Readings now = outbox.get();
    return now == null
        ? Map.of()
        : Map.of(
            "due", (double) (now.due() - now.paused()),
            "claimed", (double) now.claimed(),
            "paused", (double) now.paused());
  }

  private double oldestDue() {
    Readings now = outbox.get();
    Long since = now == null ? null : now.oldestDueAt();
    return since == null ? Double.NaN : since / 1000.0;
  }

  private Map<String, Double> phases() {
    String now = stop.phase();
    Map<String, Double> phases = new LinkedHashMap<>();
    PHASES.forEach(phase -> phases.put(phase, phase.equals(now) ? 1.0 : 0.0));
    return phases;
  }

  private double lastStatus() {
    Map<String, Object> last = lastStop.get();
    return last != null && last.get("status") instanceof Integer status ? status : Double.NaN;
  }
}
