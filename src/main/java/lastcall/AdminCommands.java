package lastcall;

import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import lastcall.admin.Action;
import lastcall.admin.AdminException;
import lastcall.admin.Filter;
import lastcall.admin.Mail;
import lastcall.admin.OutboxAdmin;
import lastcall.admin.Pause;
import lastcall.admin.Trees;
import lastcall.config.AppConfig;
import lastcall.management.Tree;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParseResult;

/** {@code lastcall outbox …}: what people do with e-mails, while the service runs or not. */
final class AdminCommands {
  /** Counting ends here before an action; the action itself has no end. */
  private static final int CAP = 100_000;

  /** What the action logs goes to standard output, where the result stands. */
  private static final Logger SILENT = Logger.getLogger(OutboxAdmin.class.getName());

  private final ParseResult options;
  private final OutboxAdmin admin;
  private final PrintStream out = System.out;
  private final String by = System.getProperty("user.name");

  private AdminCommands(ParseResult options, OutboxAdmin admin) {
    this.options = options;
    this.admin = admin;
  }

  /** Returns the exit status. */
  static int run(ParseResult parsed) {
    ParseResult outbox = parsed.subcommand();
    if (!outbox.hasSubcommand()) {
      return AdminOptions.usage("outbox", "name one of list, show, retry, cancel, pause, resume");
    }
    AppConfig config = Main.config(Commands.file(parsed), Commands.options(parsed));
    if (config == null) {
      return Main.USAGE;
    }
    SILENT.setLevel(Level.OFF);
    AppConfig.Store database = config.database();
    if (database.file() != null) {
      SqliteLibrary.loadBeside(database.directory());
    }
    try (OutboxAdmin admin = new OutboxAdmin(database, OutboxAdmin.COMMAND)) {
      return new AdminCommands(outbox.subcommand(), admin).run();
    } catch (AdminException e) {
      String why =
          e.getCause() instanceof SQLException cause
              ? StartFailure.why(database, cause)
              : "database.url=" + database.url() + ": " + e.getMessage();
      System.err.println("lastcall outbox: " + why);
      return AppStop.FAILED;
    } catch (InterruptedException e) { // nobody interrupts it
      Thread.currentThread().interrupt();
      return AppStop.FAILED;
    }
  }

  private int run() throws AdminException, InterruptedException {
    return switch (options.commandSpec().name()) {
      case "list" -> list();
      case "show" -> show();
      case "retry" -> change(Action.RETRY);
      case "cancel" -> change(Action.CANCEL);
      case "pause" -> pause();
      default -> resume();
    };
  }

  @SuppressWarnings("TypeParameterUnusedInFormals") // as picocli's own method
  private <T> @Nullable T value(String option) {
    return options.matchedOptionValue(option, null);
  }

  private Filter filter() {
    return new Filter(
        value("--id"),
        value("--address"),
        value("--state"),
        value("--older-than"),
        value("--reason"));
  }

  private int list() throws AdminException, InterruptedException {
    int limit = options.matchedOptionValue("--limit", 50);
    if (limit < 1 || limit > 10_000) {
      return AdminOptions.usage("outbox list", "--limit is 1 to 10000");
    }
    Mail.Page page = admin.find(filter(), value("--after"), limit);
    if (options.hasMatchedOption("--json")) {
      json(Trees.page(page, options.hasMatchedOption("--addresses")));
      return 0;
    }
    for (Mail mail : page.mails()) {
      Map<String, Object> tree = Trees.mail(mail, options.hasMatchedOption("--addresses"));
      out.printf(
          Locale.ROOT,
          "%s  %s  attempts=%s  created=%s  %s  %s%n",
          tree.get("id"),
          tree.get("state"),
          tree.get("attempts"),
          tree.get("created_at"),
          tree.get("address"),
          Objects.requireNonNullElse(tree.get("reason"), ""));
    }
    if (page.mails().isEmpty()) {
      out.println("no e-mail matches");
    }
    Mail.Cursor next = page.next();
    if (next != null) {
      out.println("there may be more: add --after " + next.text());
    }
    tellPause();
    return 0;
  }

  private void tellPause() throws AdminException, InterruptedException {
    Pause pause = admin.pause();
    if (pause != null) {
      out.println("DELIVERY IS PAUSED" + words(pause));
    }
  }

  private static String words(Pause pause) {
    Instant end = pause.end();
    return (end == null ? " until somebody resumes it" : " until " + end) + ", by " + pause.by();
  }

  private int show() throws AdminException, InterruptedException {
    String id = options.matchedOptionValue("--id", "");
    Mail.Details details = admin.show(id);
    if (details == null) {
      return failed(id, "there is no such e-mail");
    }
    Map<String, Object> tree = Trees.details(details, options.hasMatchedOption("--addresses"));
    if (options.hasMatchedOption("--json")) {
      json(tree);
      return 0;
    }
    tree.remove("tries");
    tree.forEach((name, value) -> out.println(name + ": " + (value == null ? "-" : value)));
    for (Mail.Attempt each : details.attempts()) {
      out.printf(
          Locale.ROOT,
          "attempt %s: %s, %s, %s, instance %s%s%n",
          each.number(),
          Trees.reason(each.reason(), options.hasMatchedOption("--addresses")),
          Instant.ofEpochMilli(each.endedAt()),
          each.state(),
          each.owner(),
          each.tries() == 1 ? "" : " (the last of " + each.tries() + " tries)");
    }
    return 0;
  }

  private int change(Action action) throws AdminException, InterruptedException {
    Filter filter = filter();
    String id = filter.id();
    if (!filter.narrow()) {
      return AdminOptions.usage(
          "outbox " + action.word(),
          "name e-mails by --id alone, or by --state, --reason, --older-than or --address");
    }
    boolean all = options.hasMatchedOption("--all");
    if (id != null && !all && !options.hasMatchedOption("--dry-run")) {
      return changeOne(action, id);
    }
    OutboxAdmin.Count count = admin.count(action, filter, CAP);
    out.println(count.mails() + (count.more() ? " e-mails or more match" : " e-mails match"));
    if ((count.mails() == 0 && !count.more()) || options.hasMatchedOption("--dry-run")) {
      return 0;
    }
    if (!all) {
      return AdminOptions.usage("outbox " + action.word(), "nothing is done without --all");
    }
    long done = admin.changeAll(action, filter, by, AdminCommands::progress).mails();
    out.println(done(action) + done + " e-mails, by " + by);
    tellPause();
    return 0;
  }

  private static boolean progress(long done) {
    System.err.println(done + " done");
    return true;
  }

  private static String done(Action action) {
    return action == Action.RETRY ? "due now: " : "cancelled: ";
  }

  private int changeOne(Action action, String id) throws AdminException, InterruptedException {
    return switch (admin.change(action, id, by)) {
      case OutboxAdmin.Outcome.Done() -> {
        out.println(done(action) + id + ", by " + by);
        tellPause();
        yield 0;
      }
      case OutboxAdmin.Outcome.NoSuchMail() -> failed(id, "there is no such e-mail");
      case OutboxAdmin.Outcome.NotPossible(String why) -> failed(id, why);
    };
  }

  private static int failed(String id, String why) {
    System.err.println("lastcall outbox: " + id + ": " + why);
    return AppStop.FAILED;
  }

  private int pause() throws AdminException, InterruptedException {
    Duration length = value("--for");
    Instant until = value("--until");
    if (length != null && until != null) {
      return AdminOptions.usage("outbox pause", "give --for or --until");
    }
    if (until != null) {
      length = Duration.between(admin.now(), until);
    }
    if (length != null && !length.isPositive()) {
      return AdminOptions.usage("outbox pause", "the end has to lie ahead");
    }
    out.println("delivery is paused" + words(admin.pause(length, by)));
    return 0;
  }

  private int resume() throws AdminException, InterruptedException {
    out.println(admin.resume(by) ? "delivery goes on, by " + by : "delivery was not paused");
    return 0;
  }

  private void json(Object tree) {
    out.writeBytes(Tree.json(tree));
    out.flush();
  }
}
