package lastcall;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import lastcall.admin.AdminException;
import lastcall.admin.Forget;
import lastcall.api.EmailAddress;
import lastcall.catcher.MailTraces;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code lastcall forget ADDRESS}: deletes all that names a person, while the service runs or not.
 */
final class ForgetCommand {
  /** For an e-mail that is being sent; most take less than a second. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private ForgetCommand() {}

  /** Longer than a group of sign-ups takes from its first statement to its commit. */
  private static final Duration SETTLE = Duration.ofSeconds(1);

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("forget").version("lastcall " + Main.version());
    spec.usageMessage()
        .description("Deletes all that names a person: user, e-mails, files of embedded mail.")
        .footer(
            "",
            "It works while the service runs and while it does not. Status: 0 done, also when",
            "nothing was found; 1 not done; 2 usage or configuration.");
    return Commands.configured(spec)
        .addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .type(String.class)
                .paramLabel("ADDRESS")
                .required(true)
                .description("The e-mail address, as somebody would type it to sign up.")
                .build())
        .addOption(
            OptionSpec.builder("--dry-run")
                .type(boolean.class)
                .description("Shows what would be deleted, and deletes nothing.")
                .build());
  }

  /** Returns the exit status. */
  static int run(ParseResult parsed) {
    ParseResult forget = parsed.subcommand();
    String address = forget.matchedPositionalValue(0, "");
    if (!address.contains("@")) {
      return AdminOptions.usage("forget", "ADDRESS is an e-mail address");
    }
    AppConfig config = Main.config(Commands.file(parsed), Commands.options(parsed));
    if (config == null) {
      return Main.USAGE;
    }
    AppConfig.Store database = config.database();
    if (database.file() != null) {
      SqliteLibrary.loadBeside(database.directory());
    }
    Set<String> keys = Forget.keys(EmailAddress.normalise(address).orElse(address), address);
    Path mailbox = App.mailbox(database);
    try (Forget rows = new Forget(database)) {
      return forget.hasMatchedOption("--dry-run")
          ? told("would be deleted", rows.find(keys), MailTraces.of(mailbox, keys))
          : delete(rows, keys, mailbox);
    } catch (AdminException e) {
      String why =
          e.getCause() instanceof SQLException cause
              ? StartFailure.why(database, cause)
              : "database.url=" + database.url() + ": " + e.getMessage();
      return failed(why);
    } catch (IOException e) {
      return failed("the files in " + mailbox + " could not all be deleted; try again: " + e);
    } catch (InterruptedException e) { // nobody interrupts it
      Thread.currentThread().interrupt();
      return AppStop.FAILED;
    }
  }

  /** Rows first: with them no further file comes. */
  private static int delete(Forget rows, Set<String> keys, Path mailbox)
      throws AdminException, IOException, InterruptedException {
    Forget.@Nullable Rows gone = rows.delete(keys, PATIENCE);
    if (gone == null) {
      return failed(
          "an e-mail to this address is being sent just now; nothing was deleted; try again when"
              + " that has ended");
    }
    // A sign-up with this address may have been stored beside the first transaction.
    Thread.sleep(SETTLE);
    Forget.@Nullable Rows more = rows.delete(keys, PATIENCE);
    if (more == null) {
      System.err.println("lastcall forget: a later sign-up's e-mail is being sent; try again");
    }
    gone = gone.and(more);
    List<Path> files = MailTraces.of(mailbox, keys);
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    if (!rows.clearLog()) {
      System.err.println(
          "lastcall forget: somebody reads the database for long, so its -wal file still has what"
              + " was deleted; run the command again later");
    }
    return told("deleted", gone, files);
  }

  private static int told(String what, Forget.Rows rows, List<Path> files) {
    if (rows.none() && files.isEmpty()) {
      System.out.println("nothing found");
      return 0;
    }
    System.out.println(
        what
            + (": users " + rows.users() + ", outbox " + rows.outbox())
            + (", attempts " + rows.attempts() + ", hidden_signups " + rows.hiddenSignups())
            + (", files in mailbox/ " + files.size()));
    System.out.println(
        "not reached: backups, the mail server and its log, and on PostgreSQL its WAL and what"
            + " VACUUM has not cleared yet");
    return 0;
  }

  private static int failed(String why) {
    System.err.println("lastcall forget: " + why);
    return AppStop.FAILED;
  }
}
