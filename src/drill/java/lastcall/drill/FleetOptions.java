package lastcall.drill;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lastcall.config.DeliveryRate;
import lastcall.drill.Options.Option;
import org.jspecify.annotations.Nullable;

/** The options about several instances, and about their database. */
final class FleetOptions {
  private static final String PAIR = "failover|read-only";

  static final List<Option> ALL =
      List.of(
          new Option("--instances", "N", "1", "[1-9]|10", "on one database, 1 to 10"),
          new Option("--lease", "TIME", "", Options.TIME, "delivery.lease; or its default"),
          new Option(
              "--delivery-rate", "R", "", "\\d{1,8}/(s|min|h)", "delivery.rate, such as 20/s"),
          new Option("--due", "N", "0", "\\d{1,6}", "e-mails due before the start, 0 to 999999"),
          new Option("--prune", "N", "0", "\\d{1,6}", "old e-mails that are deleted meanwhile"),
          new Option(
              "--database-trouble",
              "T",
              "",
              "restart|terminate|" + PAIR,
              "restart, terminate; failover, read-only: on a primary and standby of its own"),
          new Option("--standby", "S", "sync", "a?sync", "of failover, read-only: sync or async"),
          new Option("--pg-data", "DIR", "", ".+", "the server's, for --database-trouble restart"),
          new Option("--pg-ctl", "FILE", "pg_ctl", ".+", "for the same; for failover, read-only"));

  /** With the flag that is none of those with a value. */
  static final List<String> NAMES =
      List.of(
          "--rolling --instances --database --database-user --database-password --lease --due"
              .concat(" --prune --database-trouble --standby --pg-data --pg-ctl --delivery-rate")
              .split(" "));

  private static final double RATE = 300; // sign-ups a second, where the load goes on meanwhile

  private FleetOptions() {}

  static @Nullable Duration lease(DrillOptions options) {
    return options.given("--lease") ? options.duration("--lease") : null;
  }

  static DeliveryRate rate(DrillOptions options) {
    DeliveryRate rate = DeliveryRate.parse(options.value("--delivery-rate"));
    options.check(
        rate != null || !options.given("--delivery-rate"), "--delivery-rate: 1/h to 10000/s");
    return rate == null ? DeliveryRate.NONE : rate;
  }

  static Scenario.Fleet fleet(DrillOptions options) {
    Postgres database = options.database();
    int instances = options.number("--instances");
    DatabaseTrouble trouble = null;
    if (options.given("--database-trouble")) {
      options.check(
          !options.given("--signal") && !options.given("--rolling"),
          "--database-trouble: instead of a signal");
      String which = options.value("--database-trouble");
      boolean pair = which.matches(PAIR);
      trouble = pair ? onPair(options, which) : onServer(options, which.equals("restart"));
    }
    boolean pair = trouble instanceof DatabaseTrouble.OnPair;
    options.check(pair || !options.given("--standby"), "--standby: with failover or read-only");
    options.check(
        instances == 1 || database != null || pair, "--instances: several need --database");
    return new Scenario.Fleet(
        instances,
        options.given("--rolling"),
        trouble,
        options.number("--due"),
        options.number("--prune"),
        database);
  }

  private static DatabaseTrouble onServer(DrillOptions options, boolean restart) {
    Path data = Path.of(options.value("--pg-data"));
    options.check(options.given("--database"), "--database-trouble: needs --database");
    options.check(
        !restart || Files.isRegularFile(data.resolve("PG_VERSION")),
        "--pg-data " + data + ": must be the server's directory");
    return new DatabaseTrouble.OnServer(restart, data.toAbsolutePath(), options.value("--pg-ctl"));
  }

  private static DatabaseTrouble onPair(DrillOptions options, String which) {
    options.check(
        !options.given("--database"),
        "--database: not with --database-trouble "
            + which
            + ", which starts a database of its own");
    Path named = Path.of(options.value("--pg-ctl")).toAbsolutePath().getParent();
    Path bin = options.given("--pg-ctl") ? named : PostgresPair.installed();
    options.check(
        bin != null && Files.isExecutable(bin.resolve("initdb")),
        "--database-trouble "
            + which
            + ": no PostgreSQL found; install it (Debian: apt-get install postgresql),"
            + " or name its pg_ctl, beside which initdb is: --pg-ctl FILE");
    boolean synchronous = options.value("--standby").equals("sync");
    return new DatabaseTrouble.OnPair(
        which.equals("read-only"), synchronous, bin == null ? Path.of("") : bin);
  }

  /** What lasts as long as it must has no number; then it is not as fast as it can be. */
  static Load.Plan load(DrillOptions options, Scenario.Fleet fleet) {
    boolean open = !options.given("--signups") && (fleet.rolling() || fleet.trouble() != null);
    double rate = Double.parseDouble(options.value("--rate"));
    return new Load.Plan(
        open ? Load.Plan.OPEN : options.number("--signups"),
        options.number("--clients"),
        open && !options.given("--rate") ? RATE : rate);
  }

  static Signals signal(DrillOptions options, Scenario.Fleet fleet, Load.Plan load) {
    boolean none = fleet.trouble() != null || (load.signups() == 0 && !fleet.rolling());
    return Signals.parse(none && !options.given("--signal") ? "none" : options.value("--signal"));
  }
}
