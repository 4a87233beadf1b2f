package lastcall;

import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import lastcall.config.AppConfig;
import lastcall.config.ConfigException;
import lastcall.config.ConfigLoader;
import lastcall.log.EventLog;
import lastcall.log.Logging;
import lastcall.shutdown.TerminationSignals;
import org.jspecify.annotations.Nullable;

/**
 * The command line: {@code lastcall [serve] [--config FILE] [-Dkey=value]…}; {@link Commands} has
 * the other commands.
 */
public final class Main {
  /** For usage and configuration, as shells and picocli have it. */
  static final int USAGE = 2;

  private Main() {}

  /** Ends with {@link System#exit}: 0, 1, 2, 75 or 128 + n; see docs/operations.md. */
  public static void main(String[] args) {
    run(args, Listeners.NONE);
  }

  /** The same, with listeners. */
  public static void run(String[] args, Listeners listeners) {
    // For the libraries: a machine reads what they log, and some locales have other digits.
    Locale.setDefault(Locale.ROOT);
    // java keeps the addresses of a host for 30 s, and failed look-ups for 10 s. After trouble each
    // connection to the mail server asks afresh. Java reads these before its first look-up.
    Security.setProperty("networkaddress.cache.ttl", "1");
    Security.setProperty("networkaddress.cache.negative.ttl", "1");
    Logging logging = Logging.install();
    Map<String, String> options = options(args);
    int status =
        options == null
            ? Commands.execute(args, listeners, logging)
            : serve(null, options, listeners, logging);
    logging.flush(Logging.PATIENCE);
    System.exit(status);
  }

  /**
   * The -D of a command line that has nothing else but "serve" at its head; null if it does have
   * more. Picocli's class files are too old for the JVM's cache, so these starts do without them.
   */
  private static @Nullable Map<String, String> options(String[] args) {
    Map<String, String> options = new TreeMap<>();
    for (int i = args.length > 0 && args[0].equals("serve") ? 1 : 0; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      if (!args[i].startsWith("-D") || equals < 3) {
        return null;
      }
      options.put(args[i].substring(2, equals), args[i].substring(equals + 1));
    }
    return options;
  }

  /** Reads the configuration, and serves until a signal has stopped the service. */
  static int serve(
      @Nullable Path file, Map<String, String> options, Listeners listeners, Logging logging) {
    ConfigLoader.misspelt(System.getenv())
        .forEach((variable, meant) ->
            EventLog.of(Main.class)
                .warn(
                    "environment variable is not read, no key has this name variable=%s did_you_mean=%s",
                    variable, meant));
    AppConfig config = config(file, options);
    return config == null ? USAGE : serve(config, listeners, logging);
  }

  /** The configuration from all its sources; null if it has errors, which are then printed. */
  static @Nullable AppConfig config(@Nullable Path file, Map<String, String> options) {
    Map<String, String> properties = new TreeMap<>();
    System.getProperties()
        .stringPropertyNames()
        .forEach(k -> properties.put(k, System.getProperty(k)));
    try {
      return new ConfigLoader(System::getenv, properties, options).load(file);
    } catch (ConfigException e) {
      System.err.println("lastcall: the configuration has errors:");
      e.errors().forEach(error -> System.err.println("  " + error));
      return null;
    }
  }

  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(built from classes)" : version;
  }

  /** One process for each SQLite file; a PostgreSQL is shared. */
  private static @Nullable ProcessLock lock(AppConfig.Store database) throws IOException {
    return database.file() == null ? null : ProcessLock.acquire(database.directory());
  }

  /** Serves until a signal has stopped the service; the exit status. */
  static int serve(AppConfig config, Listeners listeners, Logging logging) {
    EventLog log = EventLog.of(Main.class);
    TerminationSignals signals =
        new TerminationSignals(
            config.shutdown().deadline().plus(App.FORCE_AFTER_DEADLINE),
            status -> {
              log.error("stopped server forced=%s status=%s", true, status);
              logging.flush(Logging.PATIENCE);
            },
            Runtime.getRuntime()::halt);
    // Whatever ends the start, the lock's file must not name a process that is no more.
    try (ProcessLock lock = lock(config.database())) {
      App app;
      try {
        app = new App(config, lock, listeners, logging::dropped);
        app.start(signals::received);
      } catch (Exception | Error e) {
        return failed(log, config, "start failed", e);
      }
      return app.stop(signals.await());
    } catch (Exception | Error e) { // with main gone, others would serve on and nobody stop them
      return failed(log, config, signals.received() ? "stop failed" : "start failed", e);
    } finally {
      signals.done();
    }
  }

  /** A message, not a trace, for what people can mend: a port, a file, another process. */
  private static int failed(EventLog log, AppConfig config, String what, Throwable e) {
    log.error(what + " why=%s", StartFailure.why(config.database(), e));
    if (e instanceof Error) {
      log.error(e, what);
    } else {
      log.debug(e, what);
    }
    return AppStop.FAILED;
  }
}
