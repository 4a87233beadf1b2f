package lastcall.lab;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import lastcall.config.AppConfig;
import lastcall.config.ConfigLoader;
import lastcall.log.EventLog;
import lastcall.log.Logging;
import lastcall.shutdown.TerminationSignals;

/**
 * A sign-up service without an outbox: {@code StrategyMain waitgroup serve -Dkey=value …}. Users
 * are stored, e-mails are tasks in memory, and a {@link Strategy} says what becomes of them at the
 * stop.
 */
public final class StrategyMain {
  private static final EventLog LOG = EventLog.of(StrategyMain.class);
  private static final Duration FORCE_AFTER_DEADLINE = Duration.ofMillis(1500);

  private StrategyMain() {}

  /** The first argument is the strategy; the others are keys of the service's configuration. */
  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Logging logging = Logging.install();
    AppConfig config = new ConfigLoader(System::getenv, Map.of(), options(args)).load(null);
    TerminationSignals signals =
        new TerminationSignals(
            config.shutdown().deadline().plus(FORCE_AFTER_DEADLINE),
            status -> {
              LOG.error("stopped server forced=%s status=%s", true, status);
              logging.flush(Logging.PATIENCE);
            },
            Runtime.getRuntime()::halt);
    int concurrency = config.delivery().concurrency();
    MemoryApp app = new MemoryApp(config, strategy(args[0], concurrency));
    app.start();
    int status = app.stop(signals.await());
    signals.done();
    logging.flush(Logging.PATIENCE);
    System.exit(status);
  }

  /** The keys of the configuration among the arguments. */
  static Map<String, String> options(String[] args) {
    Map<String, String> options = new TreeMap<>();
    for (String argument : args) {
      if (argument.startsWith("-D")) {
        String[] pair = argument.substring(2).split("=", 2);
        options.put(pair[0], pair[1]);
      }
    }
    return options;
  }

  private static Strategy strategy(String name, int concurrency) {
    return switch (name) {
      case "none" -> new None();
      case "sleep" -> new Sleep();
      case "channels" -> new Channels(concurrency);
      case "closing-waitgroup" -> new ClosingWaitGroup();
      case "waitgroup" -> new PlainWaitGroup();
      case "executor" -> new Executor();
      case "scope" -> new Scope();
      default -> throw new IllegalArgumentException("unknown strategy " + name);
    };
  }
}
