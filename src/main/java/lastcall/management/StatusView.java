package lastcall.management;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** The state of this process as one tree: for the page, for JSON, for events, for a terminal. */
public final class StatusView {
  /** More are counted, and not listed. */
  private static final int LISTED = 100;

  /** A pause that ends later has no end. */
  private static final long FAR = Instant.parse("9000-01-01T00:00:00Z").toEpochMilli();

  /**
   * Where the state comes from; nothing here may block.
   *
   * @param owner of the claims, this process's name
   * @param slots sends at a time
   * @param passwords waiting for a hash, or being hashed
   */
  public record Sources(
      String owner,
      String env,
      int slots,
      LiveSends sends,
      StopStatus stop,
      Activity activity,
      Supplier<Readiness> readiness,
      BooleanSupplier databaseHealthy,
      IntSupplier requests,
      IntSupplier passwords) {}

  private final Sources from;
  private final Instances instances;

  public StatusView(Sources from, Instances instances) {
    this.from = from;
    this.instances = instances;
  }

  boolean stopping() {
    return from.stop().running();
  }

  /** Until when delivery is paused, as a text that follows "paused"; "" if it is not. */
  String paused() {
    long until = from.activity().pausedUntil();
    if (until == 0) {
      return "";
    }
    return until > FAR ? "until it is resumed" : "until " + Times.instant(until);
  }

  /** Returns when the stop has come further, or after that time. */
  void awaitChange(Duration longest) throws InterruptedException {
    from.stop().awaitChange(longest);
  }

  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("instance", instances.self());
    tree.put("state", state());
    tree.put("readiness", word(from.readiness().get()));
    tree.put("paused", paused());
    tree.put("counts", from.activity().counts());
    tree.put("requests_in_flight", from.requests().getAsInt());
    tree.put("passwords_waiting", from.passwords().getAsInt());
    tree.put("slots", from.slots());
    tree.put("in_flight", from.sends().count());
    tree.put("sends", from.sends().running().stream().limit(LISTED).map(StatusView::send).toList());
    tree.put("gate", gate());
    tree.put("database_healthy", from.databaseHealthy().getAsBoolean());
    tree.put("problems", problems());
    tree.put("stop", from.stop().tree());
    tree.put("ended", stopping() ? ended() : List.of());
    tree.put("last_stop", instances.lastStop());
    tree.put("instances", instances.others());
    return tree;
  }

  Map<String, Object> history() {
    return from.activity().history();
  }

  private String state() {
    if (stopping()) {
      return from.stop().status() == null ? "stopping" : "stopped";
    }
    return from.readiness().get() == Readiness.STARTING ? "starting" : "serving";
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private Map<String, Object> gate() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("open", from.activity().gateClosed().isEmpty());
    tree.put("reason", from.activity().gateClosed());
    tree.put("connections_limited_to", from.activity().connectionsLimited());
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
    for (LiveSends.Ended end : from.sends().ended().stream().limit(LISTED).toList()) {
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
    if (!from.activity().gateClosed().isEmpty()) {
      list.add(
          problem(
              "The mail server is in trouble: " + from.activity().gateClosed() + ".",
              "E-mails are kept and no attempt is counted. Look at smtp.host, its credentials and"
                  + " the mail server's log; sending goes on when a probe succeeds."));
    }
    if (!paused().isEmpty()) {
      list.add(problem("Delivery is paused " + paused() + ".", "Resume it when you can."));
    }
    if (from.passwords().getAsInt() > from.slots() * 4) {
      list.add(
          problem(
              "Many sign-ups wait for their password's hash.",
              "More processors or more instances; docs/performance.md has the figures."));
    }
    return list;
  }

  private static Map<String, Object> problem(String what, String remedy) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("what", what);
    tree.put("remedy", remedy);
    return tree;
  }
}
