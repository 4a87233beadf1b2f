package lastcall.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, and how long.
 *
 * @param concurrency connections to the mail server
 * @param database null for SQLite
 * @param curve numbers of clients
 * @param connections numbers of connections to the mail server, for the backlog
 * @param config the user's own file; null for none
 * @param settings the user's own keys
 */
record BenchPlan(
    Duration warmUp,
    Duration time,
    int clients,
    int concurrency,
    Duration smtpDelay,
    boolean cheapHash,
    @Nullable Postgres database,
    List<Integer> curve,
    List<Integer> connections,
    int backlog,
    @Nullable Path config,
    Map<String, String> settings) {
  /** What the bench sets itself: another value would measure something else. */
  static final List<String> FIXED =
      List.of("server.", "management.", "database.", "smtp.", "delivery.concurrency");

  /** Of the service, over these many connections to the mail server. */
  List<String> settings(int smtpPort, Rows rows, int concurrency) {
    List<String> all = new ArrayList<>();
    if (cheapHash) {
      all.addAll(ServiceProcess.CHEAP_HASH);
    }
    all.add("shutdown.drain=due"); // the same on both databases
    settings.forEach((key, value) -> all.add(key + "=" + value));
    all.addAll(List.of("smtp.host=127.0.0.1", "smtp.port=" + smtpPort, "smtp.tls=none"));
    all.add("delivery.concurrency=" + concurrency);
    if (database != null) {
      all.add("database.url=" + rows.url());
      all.add("database.user=" + rows.user());
      all.add("database.password=" + rows.password());
    }
    return all;
  }

  /** The main class, and what stands before {@code serve}. */
  List<String> program() {
    return config == null
        ? List.of("lastcall.Main")
        : List.of("lastcall.Main", "--config", config.toString());
  }

  AppConfig.Store store(Path directory, Rows rows) {
    return database == null
        ? AppConfig.Store.sqlite(directory.resolve("lastcall.db"))
        : new AppConfig.Store(rows.url(), null, rows.user(), rows.password());
  }

  /** Without the password of the database. */
  Map<String, Object> json() {
    return Figure.map(
        "database",
        database == null ? "SQLite" : "PostgreSQL",
        "password_hash",
        cheapHash ? "cheapest" : "real",
        "clients",
        clients,
        "smtp_connections",
        concurrency,
        "smtp_delay",
        Durations.text(smtpDelay),
        "warm_up",
        Durations.text(warmUp),
        "measured_for",
        Durations.text(time),
        "backlog",
        backlog,
        "service_keys",
        settings.toString());
  }
}
