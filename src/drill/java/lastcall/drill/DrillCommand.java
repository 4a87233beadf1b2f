package lastcall.drill;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import lastcall.drill.StopPicture.Panel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code lastcall drill}: loads the service, ends it in the middle, and counts what was lost. The
 * exit status is 0 when all that is promised holds, 1 when not, 2 for usage.
 */
public final class DrillCommand {
  private static final int USAGE = 2;
  private static final String[][] FLAGS = {
    {"--rolling", "the signal comes to all instances in turn, each is started again"},
    {"--restart", "start again what was ended, and wait until nothing is due"},
    {"--saturate", "the real hash and more clients than may wait for it; at TERM none is cut off"},
    {"--ceiling", "measure the drill itself, without the service"},
  };

  private final PrintStream out;
  private final PrintStream err;

  public DrillCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  public static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("drill").mixinStandardHelpOptions(true);
    spec.usageMessage()
        .description("Loads the service, ends it in the middle, and counts what was lost.")
        .footer(
            "Exit status: 0 as promised; 1 not as promised, or a row was not run; 2 usage.",
            "",
            "Examples:",
            "  lastcall drill                           TERM in the middle of 1000 sign-ups",
            "  lastcall drill --signal KILL --restart   killed, and started again",
            "  lastcall drill --strategies all          the outbox beside older ways to stop");
    Options.declare(spec, DrillOptions.ALL);
    for (String[] flag : FLAGS) {
      spec.addOption(OptionSpec.builder(flag[0]).type(boolean.class).description(flag[1]).build());
    }
    return spec;
  }

  /** Returns the exit status. */
  public int run(ParseResult parsed) {
    DrillOptions options = new DrillOptions(parsed);
    List<Scenario> scenarios = options.scenarios();
    SlowRun.@Nullable Plan slow = options.slow();
    @Nullable Path json = options.json();
    @Nullable Path html = options.file("--html");
    @Nullable Path svg = options.file("--svg");
    options.checkDatabase();
    if (!options.errors().isEmpty()) {
      options.errors().forEach(error -> err.println("lastcall drill: " + error));
      return USAGE;
    }
    try {
      if (parsed.hasMatchedOption("--ceiling")) {
        new Ceiling(out).run();
        return 0;
      }
      if (slow != null) {
        return run(slow) ? 0 : 1;
      }
      List<Panel> panels = run(scenarios, html == null && svg == null ? 0 : Recorder.MOST);
      List<Row> rows = panels.stream().map(Panel::row).toList();
      if (json != null) {
        JsonRows.write(rows, json);
      }
      if (html != null) {
        WholeFile.write(html, StopPage.of(panels));
      }
      if (svg != null) {
        WholeFile.write(svg, StopPicture.of(panels));
      }
      return rows.stream().allMatch(row -> row.broken().isEmpty()) ? 0 : 1;
    } catch (CancellationException e) {
      return 1; // nobody sees this status: the JVM is exiting with that of the signal
    } catch (IOException | InterruptedException | RuntimeException e) {
      err.println("lastcall drill: " + e);
      return 1;
    }
  }

  /**
   * @param recorded sends of each row that are noted at the most
   */
  private List<Panel> run(List<Scenario> scenarios, int recorded)
      throws IOException, InterruptedException {
    List<Panel> panels = new ArrayList<>();
    try (Workplace workplace = new Workplace();
        Progress progress = new Progress(err)) {
      head(scenarios.getFirst(), scenarios.size(), workplace);
      Table table = new Table(out, scenarios.getFirst());
      table.head();
      for (Scenario scenario : scenarios) {
        progress.begin(
            "[" + (panels.size() + 1) + "/" + scenarios.size() + "] " + scenario.title());
        Recorder recorder = new Recorder(panels.size() < StopPicture.MOST_PANELS ? recorded : 0);
        Row row = row(scenario, workplace, progress, recorder);
        workplace.check();
        progress.end();
        panels.add(new Panel(row, recorder.timeline()));
        table.row(row);
        if (row instanceof Row.Failed failed) {
          err.println(failed.why());
        }
      }
      table.foot(panels.stream().map(Panel::row).toList());
    }
    return panels;
  }

  private boolean run(SlowRun.Plan slow) throws IOException, InterruptedException {
    try (Workplace workplace = new Workplace();
        Progress progress = new Progress(err)) {
      boolean well = new SlowRun(slow, workplace, out).run(progress);
      progress.end();
      return well;
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private Row row(Scenario scenario, Workplace workplace, Progress progress, Recorder recorder) {
    try {
      return new ScenarioRun(scenario, workplace, progress, "lastcall.Main", recorder).run();
    } catch (Exception e) {
      workplace.check(); // after Ctrl-C the killed service has caused the exception
      return new Row.Failed(scenario, Objects.requireNonNullElse(e.getMessage(), e.toString()));
    }
  }

  private void head(Scenario first, int rows, Workplace workplace) {
    boolean cheap = first.service().cheapHash();
    out.printf(
        Locale.ROOT,
        "drill: %d row%s, seed %d, password hash %s, JDK %s, %d processors, in %s%n%n",
        rows,
        rows == 1 ? "" : "s",
        first.seed(),
        cheap ? "the cheapest (--hash owasp for the real one)" : "owasp",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        workplace.root());
  }
}
