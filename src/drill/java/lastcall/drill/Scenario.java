package lastcall.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lastcall.config.DeliveryRate;
import lastcall.lab.CrashMain;
import lastcall.lab.CrashPoint;
import lastcall.lab.StrategyMain;
import org.jspecify.annotations.Nullable;

/**
 * What one row of the table is about.
 *
 * @param signal or the database's trouble, if the fleet has one
 * @param after the signal comes when so many 202 were read, or after that time
 * @param restart whether what was ended is started again; a single one serves until nothing is due
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
    Fleet fleet,
    long seed,
    int repeat,
    @Nullable Crash crash) {
  /** The process ends itself when it passes the point for this time. */
  record Crash(CrashPoint point, int times) {
    /** The service with this crash, for {@link CrashMain}. */
    List<String> program() {
      return List.of(CrashMain.class.getName(), point.spelled() + ":" + times);
    }
  }

  /**
   * How many serve, and on what.
   *
   * @param rolling whether the signal comes to all in turn, each being started again
   * @param due e-mails that are due before the start
   * @param old e-mails that were sent long ago, and are deleted from the start on
   * @param database null for SQLite, and if the trouble is on a pair of the drill's own
   */
  record Fleet(
      int instances,
      boolean rolling,
      @Nullable DatabaseTrouble trouble,
      int due,
      int old,
      @Nullable Postgres database) {
    static final Fleet NONE = new Fleet(1, false, null, 0, 0, null);
  }

  /**
   * When {@code time} is null, {@code accepted} counts; without sign-ups, e-mails that were taken.
   */
  record After(int accepted, @Nullable Duration time) {}

  /** What all rows of a run share of the service's configuration. */
  record Service(
      Duration deadline,
      int concurrency,
      boolean cheapHash,
      @Nullable Duration lease,
      DeliveryRate rate) {
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
      if (lease != null) {
        settings.add("delivery.lease=" + lease);
      }
      if (!rate.isNone()) {
        settings.add("delivery.rate=" + rate);
      }
      if (cheapHash) {
        settings.addAll(ServiceProcess.CHEAP_HASH);
      }
      return settings;
    }
  }

  /** Clients for whom there is no room, whatever the processors do: password.max-queued is 64. */
  static int crowd() {
    return 64 + Runtime.getRuntime().availableProcessors() + 32;
  }

  /** Whether the hash is the real one and all clients can't be waiting for it at a time. */
  boolean saturated() {
    return !memory && !service.cheapHash() && load.clients() >= crowd();
  }

  /** Whether instances are left, or started again, that go on with the load. */
  boolean goesOn() {
    return fleet.instances() > 1 || fleet.rolling() || fleet.trouble() != null || signal.none();
  }

  /** Whether nothing is done to anybody. */
  boolean quiet() {
    return signal.none() && fleet.trouble() == null;
  }

  List<String> settings(int smtpPort, Rows rows) {
    List<String> settings = new ArrayList<>(service.settings());
    settings.addAll(List.of("smtp.host=127.0.0.1", "smtp.port=" + smtpPort, "smtp.tls=none"));
    if (!rows.user().isEmpty()) {
      settings.add("database.url=" + rows.url());
      settings.add("database.user=" + rows.user());
      settings.add("database.password=" + rows.password());
    }
    if (fleet.old() > 0) {
      settings.add("retention.every=1s");
    }
    if (smtp.errorRate() > 0) {
      settings.add("delivery.backoff.max=2s"); // or a restart would wait for half an hour
    }
    return settings;
  }

  /**
   * The main class that is started, and its first arguments.
   *
   * @param service the main class unless the row is about a strategy
   */
  List<String> program(String service) {
    return memory ? List.of(StrategyMain.class.getName(), strategy) : List.of(service);
  }

  String queue() {
    return memory ? "memory" : "outbox";
  }

  /** When the signal comes, of how many sign-ups. */
  String moment() {
    Duration time = after.time();
    String when = time == null ? "" + after.accepted() : Durations.text(time);
    int all = load.signups() == 0 ? fleet.due() : load.signups();
    return quiet() ? "-/" + all : load.open() ? when : when + "/" + all;
  }

  String title() {
    if (crash != null) {
      return crash.point().spelled();
    }
    String delay = Durations.text(smtp.delay());
    DatabaseTrouble trouble = fleet.trouble();
    return (fleet.old() > 0 ? "pruned, " : "")
        + (fleet.equals(Fleet.NONE) ? strategy + " " + queue() : fleet.instances() + " x outbox")
        + " "
        + (trouble == null ? signal.text() : "database " + trouble.text())
        + (fleet.rolling() ? " rolling " : restart ? " restart " : saturated() ? " full " : " ")
        + delay;
  }
}
