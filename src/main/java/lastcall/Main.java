package lastcall;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.Security;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import lastcall.config.AppConfig;
import lastcall.config.ConfigException;
import lastcall.config.ConfigHelp;
import lastcall.config.ConfigLoader;
import lastcall.drill.BenchCommand;
import lastcall.drill.DrillCommand;
import lastcall.log.EventLog;
import lastcall.log.Logging;
import lastcall.shutdown.TerminationSignals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line: {@code lastcall [serve] [--config FILE] [-Dkey=value]…}, {@code lastcall drill
 * …} and {@code lastcall bench …}.
 */
public final class Main {
  /** For usage and configuration, as shells and picocli have it. */
  private static final int USAGE = 2;

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
    CommandSpec serve = serving(CommandSpec.create().name("serve"));
    serve.version("lastcall " + version());
    serve.usageMessage().description("Serves until it is told to stop. This is the default.");
    CommandSpec lastcall = serving(CommandSpec.create().name("lastcall"));
    lastcall.usageMessage().description("A sign-up service that loses no e-mail when stopped.");
    lastcall
        .usageMessage()
        .footer(
            "",
            "TERM, INT and HUP stop it; a second one, half a second later or more, forces it.",
            "It exits with 0 when all that was due is sent, 75 when some is kept for the next",
            "start, 1 after a failure, 2 for usage or configuration, 128 + n when forced.",
            "");
    lastcall.version("lastcall " + version());
    lastcall.addSubcommand("serve", serve);
    lastcall.addSubcommand("drill", DrillCommand.spec().version("lastcall " + version()));
    lastcall.addSubcommand("bench", BenchCommand.spec().version("lastcall " + version()));
    CommandLine commandLine = new CommandLine(lastcall);
    commandLine.setParameterExceptionHandler((e, arguments) -> {
      String command = e.getCommandLine().getCommandSpec().qualifiedName();
      PrintWriter err = e.getCommandLine().getErr();
      err.println(command + ": " + e.getMessage());
      UnmatchedArgumentException.printSuggestions(e, err);
      err.println("Try: " + command + " --help");
      return USAGE;
    });
    commandLine.setExecutionStrategy(parsed -> {
      Integer help = CommandLine.executeHelpRequest(parsed);
      if (help != null) {
        return help;
      }
      String command = parsed.hasSubcommand() ? parsed.subcommand().commandSpec().name() : "serve";
      return command.equals("serve") ? serve(parsed, listeners, logging) : measure(command, parsed);
    });
    int status = commandLine.execute(args);
    logging.flush(Logging.PATIENCE);
    System.exit(status);
  }

  private static int measure(String command, ParseResult parsed) {
    if (parsed.hasMatchedOption("--config") || parsed.hasMatchedOption("-D")) {
      System.err.println("lastcall " + command + ": no --config and no -D before " + command);
      return USAGE;
    }
    return command.equals("drill")
        ? new DrillCommand(System.out, System.err).run(parsed.subcommand())
        : new BenchCommand(System.out, System.err).run(parsed.subcommand());
  }

  private static CommandSpec serving(CommandSpec spec) {
    // Picocli would take a "%" or an "@" in a footer for markup of its own.
    spec.usageMessage()
        .sectionMap()
        .put(UsageMessageSpec.SECTION_KEY_FOOTER, help -> help.footer() + ConfigHelp.text());
    return spec.mixinStandardHelpOptions(true)
        .addOption(
            OptionSpec.builder("--config")
                .type(Path.class)
                .converters(Main::path)
                .paramLabel("FILE")
                .description("A YAML file; environment and -D win over it.")
                .build())
        .addOption(
            OptionSpec.builder("-D")
                .type(Map.class)
                .auxiliaryTypes(String.class, String.class)
                .paramLabel("key=value")
                .description("One key of the configuration, such as -Dserver.port=0.")
                .build());
  }

  /** Picocli's own message is an exception's name, and no remedy. */
  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "the locale of this process has no characters for it: set LC_ALL=C.UTF-8 in its"
              + " environment");
    }
  }

  private static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(built from classes)" : version;
  }

  private static int serve(ParseResult parsed, Listeners listeners, Logging logging) {
    // Before "serve" or behind it, an option is an option; the later one wins.
    @Nullable Path file = parsed.matchedOptionValue("--config", null);
    Map<String, String> options =
        new TreeMap<>(parsed.matchedOptionValue("-D", Map.<String, String>of()));
    if (parsed.hasSubcommand()) {
      file = parsed.subcommand().matchedOptionValue("--config", file);
      options.putAll(parsed.subcommand().matchedOptionValue("-D", Map.<String, String>of()));
    }
    Map<String, String> properties = new TreeMap<>();
    System.getProperties()
        .stringPropertyNames()
        .forEach(k -> properties.put(k, System.getProperty(k)));
    ConfigLoader.misspelt(System.getenv())
        .forEach((variable, meant) ->
            EventLog.of(Main.class)
                .warn(
                    "environment variable is not read, no key has this name variable=%s did_you_mean=%s",
                    variable, meant));
    AppConfig config;
    try {
      config = new ConfigLoader(System::getenv, properties, options).load(file);
    } catch (ConfigException e) {
      System.err.println("lastcall: the configuration has errors:");
      e.errors().forEach(error -> System.err.println("  " + error));
      return USAGE;
    }
    return serve(config, listeners, logging);
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
        app = new App(config, lock, listeners);
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
