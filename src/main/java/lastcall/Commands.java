package lastcall;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import lastcall.config.ConfigHelp;
import lastcall.config.SecretFile;
import lastcall.drill.BenchCommand;
import lastcall.drill.DrillCommand;
import lastcall.log.Logging;
import lastcall.management.Top;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every command line that says more than -D, by picocli. */
final class Commands {
  private Commands() {}

  /** Returns the exit status. */
  static int execute(String[] args, Listeners listeners, Logging logging) {
    CommandSpec serve = serving(CommandSpec.create().name("serve"));
    serve.version("lastcall " + Main.version());
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
    lastcall.version("lastcall " + Main.version());
    lastcall.addSubcommand("serve", serve);
    lastcall.addSubcommand("drill", DrillCommand.spec().version("lastcall " + Main.version()));
    lastcall.addSubcommand("bench", BenchCommand.spec().version("lastcall " + Main.version()));
    lastcall.addSubcommand("top", top());
    lastcall.addSubcommand("outbox", AdminOptions.spec());
    lastcall.addSubcommand("forget", ForgetCommand.spec());
    CommandLine commandLine = new CommandLine(lastcall);
    commandLine.setParameterExceptionHandler((e, arguments) -> {
      String command = e.getCommandLine().getCommandSpec().qualifiedName();
      PrintWriter err = e.getCommandLine().getErr();
      err.println(command + ": " + e.getMessage());
      UnmatchedArgumentException.printSuggestions(e, err);
      err.println("Try: " + command + " --help");
      return Main.USAGE;
    });
    commandLine.setExecutionStrategy(parsed -> {
      Integer help = CommandLine.executeHelpRequest(parsed);
      if (help != null) {
        return help;
      }
      String command = parsed.hasSubcommand() ? parsed.subcommand().commandSpec().name() : "serve";
      return switch (command) {
        case "serve" -> serve(parsed, listeners, logging);
        case "top" -> top(parsed);
        case "outbox" -> AdminCommands.run(parsed);
        case "forget" -> ForgetCommand.run(parsed);
        default -> measure(command, parsed);
      };
    });
    return commandLine.execute(args);
  }

  private static CommandSpec top() {
    CommandSpec spec = CommandSpec.create().name("top").version("lastcall " + Main.version());
    spec.usageMessage()
        .description(
            "Shows the state of a running service each second, its stop phase by phase, until the"
                + " process is gone. If the service has a token, MANAGEMENT_TOKEN holds it, or"
                + " MANAGEMENT_TOKEN_FILE names the file that does.");
    return spec.mixinStandardHelpOptions(true)
        .addOption(
            OptionSpec.builder("--url")
                .type(URI.class)
                .paramLabel("URL")
                .defaultValue("http://localhost:8081")
                .description("The management port. (${DEFAULT-VALUE})")
                .build());
  }

  private static int top(ParseResult parsed) {
    URI url = parsed.subcommand().matchedOptionValue("--url", URI.create("http://localhost:8081"));
    if (url.getHost() == null
        || url.getPort() > 65_535
        || !String.valueOf(url.getScheme()).matches("https?")) {
      System.err.println("lastcall top: --url must be such as http://localhost:8081");
      return Main.USAGE;
    }
    try {
      String token = SecretFile.fromEnvironment("MANAGEMENT_TOKEN");
      return new Top(System.out, System.err, url, token, Top.isTerminal()).run();
    } catch (IOException e) {
      System.err.println("lastcall top: MANAGEMENT_TOKEN_FILE: " + e.getMessage());
      return Main.USAGE;
    } catch (InterruptedException e) { // nobody interrupts it
      Thread.currentThread().interrupt();
      return AppStop.FAILED;
    }
  }

  private static int measure(String command, ParseResult parsed) {
    if (parsed.hasMatchedOption("--config") || parsed.hasMatchedOption("-D")) {
      System.err.println("lastcall " + command + ": no --config and no -D before " + command);
      return Main.USAGE;
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
    return configured(spec);
  }

  /** With the options that name the sources of the configuration. */
  static CommandSpec configured(CommandSpec spec) {
    return spec.mixinStandardHelpOptions(true)
        .addOption(
            OptionSpec.builder("--config")
                .type(Path.class)
                .converters(Commands::path)
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

  private static int serve(ParseResult parsed, Listeners listeners, Logging logging) {
    return Main.serve(file(parsed), options(parsed), listeners, logging);
  }

  /** Before a command or behind it, an option is an option; the later one wins. */
  static @Nullable Path file(ParseResult parsed) {
    Path file = parsed.matchedOptionValue("--config", null);
    Path later = parsed.hasSubcommand() ? file(parsed.subcommand()) : null;
    return later == null ? file : later;
  }

  static Map<String, String> options(ParseResult parsed) {
    Map<String, String> options =
        new TreeMap<>(parsed.matchedOptionValue("-D", Map.<String, String>of()));
    if (parsed.hasSubcommand()) {
      options.putAll(options(parsed.subcommand()));
    }
    return options;
  }
}
