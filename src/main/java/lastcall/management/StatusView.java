package lastcall.management;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lastcall.admin.InstanceRows;
import lastcall.admin.Readings;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;

/** The state of this process as one tree: for the page, for JSON, for events, for a terminal. */
final class StatusView {
  /** More are counted, and not listed. */
  private static final int LISTED = 100;

  /** A pause that ends later has no end. */
  private static final long FAR = Instant.parse("9000-01-01T00:00:00Z").toEpochMilli();

  private final InstanceRows.Row process;
  private final AppConfig.Delivery delivery;
  private final Watch watch;
  private final Management.Sources from;
  private final DatabaseView database;

  /**
   * @param process of this instance, as the database has it
   */
  StatusView(
      InstanceRows.Row process,
      AppConfig.Delivery delivery,
      Watch watch,
      Management.Sources from,
      DatabaseView database) {
    this.process = process;
    this.delivery = delivery;
    this.watch = watch;
    this.from = from;
    this.database = database;
  }

  private Map<String, Object> self() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", process.id());
    tree.put("host", process.host());
    tree.put("pid", process.pid());
    tree.put("version", process.version());
    tree.put("started_at", Times.instant(process.startedAt()));
    return tree;
  }

  boolean stopping() {
    return watch.stop().running();
  }

  /** Until when delivery is paused, as a text that follows "paused"; "" if it is not. */
  String paused() {
    long until = watch.activity().pausedUntil();
    if (until == 0) {
      return "";
    }
    return until > FAR ? "until it is resumed" : "until " + Times.instant(until);
  }

  /** The stop is done but for the exit. */
  boolean stopped() {
    return watch.stop().status() != null;
  }

  /** Returns when the stop has come further, or after that time. */
  void awaitChange(Duration longest) throws InterruptedException {
    watch.stop().awaitChange(longest);
  }

  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("instance", self());
    tree.put("state", state());
    tree.put("readiness", word(from.readiness().get()));
    tree.put("paused", paused());
    tree.put("counts", watch.activity().counts());
    tree.put("outbox", outbox(database.readings()));
    tree.put("requests_in_flight", from.requests().getAsInt());
    tree.put("passwords_waiting", from.passwords().getAsInt());
    tree.put("slots", delivery.concurrency());
    tree.put("rate_limit", delivery.rate().toString());
    tree.put("in_flight", from.inFlight().getAsInt());
    tree.put(
        "sends", watch.sends().running().stream().limit(LISTED).map(StatusView::send).toList());
    tree.put("gate", gate());
    tree.put("database_healthy", from.databaseHealthy().getAsBoolean());
    tree.put("problems", problems());
    tree.put("stop", watch.stop().tree());
    tree.put("ended", stopping() ? ended() : List.of());
    tree.put("last_stop", database.lastStop());
    tree.put("instances", database.others());
    return tree;
  }

  Map<String, Object> history() {
    return watch.activity().history();
  }

  private String state() {
    if (stopping()) {
      return watch.stop().status() == null ? "stopping" : "stopped";
    }
    return from.readiness().get() == Readiness.STARTING ? "starting" : "serving";
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static @Nullable Map<String, Object> outbox(@Nullable Readings readings) {
    if (readings == null) {
      return null;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("read_at", Times.instant(readings.at()));
    tree.put("due", readings.due());
    tree.put("claimed", readings.claimed());
    tree.put("later", readings.later());
    tree.put("refused", readings.refused());
    tree.put("exhausted", readings.exhausted());
    tree.put("unconfirmed", readings.unconfirmed());
    tree.put("cancelled", readings.cancelled());
    Long oldest = readings.oldestDueAt();
    tree.put("oldest_due_ms", oldest == null ? null : readings.at() - oldest);
    tree.put("cap", Readings.CAP);
    return tree;
  }

  private Map<String, Object> gate() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("open", watch.activity().gateClosed().isEmpty());
    tree.put("reason", watch.activity().gateClosed());
    tree.put("connections_limited_to", watch.activity().connectionsLimited());
    return tree;
  }

  private static Map<String, Object> send(LiveSends.Send send) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", send.id());
    tree.put("attempt", send.attempt());
    tree.put("phase", send.phase());
    tree.put("age_ms", send.age().toMillis());
    tree.put("in_phase_ms", send.inPhase().toMillis());
    tree.put("if_cut", word(send.ifCut()));
    return tree;
  }

  private List<Map<String, Object>> ended() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (LiveSends.Ended end : watch.sends().ended().stream().limit(LISTED).toList()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("id", end.id());
      tree.put("attempt", end.attempt());
      tree.put("outcome", end.outcome());
      tree.put("took_ms", end.took().toMillis());
      tree.put("ago_ms", (System.nanoTime() - end.at()) / 1_000_000);
      list.add(tree);
    }
    return list;
  }

  /** What an operator should do something about. */
  private List<Map<String, Object>> problems() {
    List<Map<String, Object>> list = new ArrayList<>();
    if (!from.databaseHealthy().getAsBoolean()) {
      list.add(
          problem(
              "The database does not commit: sign-ups get 503.",
              "Look at the log's line \"database in trouble\", at the disk and at the database."
                  + " The service tries it each second and recovers by itself."));
    }
    if (!watch.activity().gateClosed().isEmpty()) {
      list.add(
          problem(
              "The mail server is in trouble: " + watch.activity().gateClosed() + ".",
              "E-mails are kept and no attempt is counted. Look at smtp.host, its credentials and"
                  + " the mail server's log; sending goes on when a probe succeeds."));
    }
    if (!paused().isEmpty()) {
      list.add(problem("Delivery is paused " + paused() + ".", "Resume it when you can."));
    }
    Readings now = database.readings();
    if (now != null && now.refused() + now.exhausted() + now.unconfirmed() > 0) {
      list.add(
          problem(
              "E-mails were given up: "
                  + now.refused()
                  + " refused, "
                  + now.exhausted()
                  + " exhausted, "
                  + now.unconfirmed()
                  + " unconfirmed.",
              "The outbox shows why. Send them again when the reason is gone, or cancel them."));
    }
    if (now != null && !stopping() && overdue(now)) {
      list.add(
          problem(
              "The oldest e-mail that is due has waited for more than a minute.",
              "If none is sent, look at the mail server; if the rate is too low, raise "
                  + (delivery.rate().isNone()
                      ? "delivery.concurrency or start another instance."
                      : "delivery.rate, which is " + delivery.rate() + " for all instances.")));
    }
    if (from.passwords().getAsInt() > delivery.concurrency() * 4) {
      list.add(
          problem(
              "Many sign-ups wait for their password's hash.",
              "More processors or more instances; docs/performance.md has the figures."));
    }
    return list;
  }

  private static boolean overdue(Readings now) {
    Long oldest = now.oldestDueAt();
    return now.pause() == null && oldest != null && now.at() - oldest > 60_000;
  }

  private static Map<String, Object> problem(String what, String remedy) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("what", what);
    tree.put("remedy", remedy);
    return tree;
  }
}
