package lastcall;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import lastcall.admin.Mail;
import lastcall.admin.State;
import lastcall.admin.Trees;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;

/** What can be said behind {@code lastcall outbox}. */
final class AdminOptions {
  private AdminOptions() {}

  static CommandSpec spec() {
    CommandSpec outbox = command("outbox", "Looks into the outbox and changes it.");
    outbox
        .usageMessage()
        .footer(
            "",
            "It works while the service runs and while it does not. Status: 0 done, also when",
            "no e-mail matched; 1 not done; 2 usage or configuration.");
    outbox.addSubcommand(
        "list",
        filtered(command("list", "Lists e-mails, newest first."))
            .addOption(option("--limit", int.class, "N", "So many at most. (50)").build())
            .addOption(
                option("--after", Mail.Cursor.class, "CURSOR", "Goes on behind it.")
                    .converters(AdminOptions::cursor)
                    .build()));
    outbox.addSubcommand(
        "show",
        command("show", "Shows one e-mail with its attempts.")
            .addOption(option("--id", String.class, "ID", "Its Message-ID.").required(true).build())
            .addOption(flag("--addresses", "Shows the address whole."))
            .addOption(flag("--json", "Prints JSON.")));
    outbox.addSubcommand(
        "retry",
        action(command("retry", "Makes e-mails due now: given up, cancelled or waiting ones.")));
    outbox.addSubcommand(
        "cancel", action(command("cancel", "Keeps e-mails that are due, and sends them no more.")));
    outbox.addSubcommand(
        "pause",
        command("pause", "From now on no instance begins to send, until it ends.")
            .addOption(
                option("--for", Duration.class, "SPAN", "So long, such as 90s, 15m, 2h, 1d.")
                    .converters(AdminOptions::span)
                    .build())
            .addOption(
                option("--until", Instant.class, "TIME", "Until then: 2030-01-31T12:00:00Z.")
                    .converters(AdminOptions::moment)
                    .build()));
    outbox.addSubcommand("resume", command("resume", "Ends the pause."));
    return outbox;
  }

  private static CommandSpec command(String name, String description) {
    CommandSpec spec = CommandSpec.create().name(name).version("lastcall " + Main.version());
    spec.usageMessage().description(description);
    return Commands.configured(spec);
  }

  private static CommandSpec filtered(CommandSpec spec) {
    String states = String.join(", ", List.of(State.values()).stream().map(State::word).toList());
    return spec.addOption(option("--id", String.class, "ID", "The Message-ID.").build())
        .addOption(option("--address", String.class, "ADDRESS", "The whole address.").build())
        .addOption(
            option("--state", State.class, "STATE", "One of " + states + ".")
                .converters(AdminOptions::state)
                .build())
        .addOption(
            option(
                    "--older-than",
                    Duration.class,
                    "SPAN",
                    "Signed up so long ago: 90s, 15m, 2h, 7d.")
                .converters(AdminOptions::span)
                .build())
        .addOption(
            option("--reason", String.class, "TEXT", "A part of the last failure's reason.")
                .build())
        .addOption(flag("--addresses", "Shows addresses whole."))
        .addOption(flag("--json", "Prints JSON."));
  }

  private static CommandSpec action(CommandSpec spec) {
    return filtered(spec)
        .addOption(flag("--all", "All that match; without it their number is shown."))
        .addOption(flag("--dry-run", "Shows the number, and changes nothing."));
  }

  private static OptionSpec.Builder option(
      String name, Class<?> type, String label, String description) {
    return OptionSpec.builder(name).type(type).paramLabel(label).description(description);
  }

  private static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }

  private static State state(String text) {
    return List.of(State.values()).stream()
        .filter(state -> state.word().equals(text))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException("no such state; see --help"));
  }

  private static Duration span(String text) {
    return converted(Trees.span(text), "write a number and s, m, h or d, such as 15m");
  }

  private static Instant moment(String text) {
    return converted(Trees.moment(text), "write a time such as 2030-01-31T12:00:00Z");
  }

  private static Mail.Cursor cursor(String text) {
    return converted(Mail.Cursor.parse(text), "take it from the end of the list before");
  }

  private static <T> T converted(@Nullable T value, String remedy) {
    if (value == null) {
      throw new TypeConversionException(remedy);
    }
    return value;
  }

  static int usage(String command, String remedy) {
    System.err.println("lastcall " + command + ": " + remedy);
    System.err.println("Try: lastcall " + command + " --help");
    return Main.USAGE;
  }
}
