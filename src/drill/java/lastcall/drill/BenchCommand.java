package lastcall.drill;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code lastcall bench}: measures the service under load, and a stop under that load. The exit
 * status is 0 when nothing was lost, sent twice or cut off, 1 when not, 2 for usage.
 */
public final class BenchCommand {
  private static final int USAGE = 2;

  private final PrintStream out;
  private final PrintStream err;

  public BenchCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  public static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name("bench").mixinStandardHelpOptions(true);
    spec.usageMessage()
        .description("Measures the service under load, and a stop under that load.")
        .footer("Exit status: 0; 1 when something was lost, twice or cut off, or failed; 2 usage.");
    Options.declare(spec, BenchOptions.ALL);
    spec.addOption(
        OptionSpec.builder("-D")
            .type(Map.class)
            .auxiliaryTypes(String.class, String.class)
            .paramLabel("key=value")
            .description("A key of the service's configuration.")
            .build());
    return spec;
  }

  /** Returns the exit status. */
  public int run(ParseResult parsed) {
    BenchOptions options = new BenchOptions(parsed);
    BenchPlan plan = options.plan();
    @Nullable Path json = options.json();
    @Nullable Path html = options.file("--html");
    options.checkDatabase();
    if (plan == null || !options.errors().isEmpty()) {
      options.errors().forEach(error -> err.println("lastcall bench: " + error));
      return USAGE;
    }
    try (Workplace workplace = new Workplace();
        Progress progress = new Progress(err)) {
      BenchReport report = run(plan, workplace, progress);
      print(report);
      if (json != null) {
        JsonRows.write(report.json(), json);
      }
      if (html != null) {
        Files.writeString(html, BenchPage.of(report), StandardCharsets.UTF_8);
      }
      Counts counts = report.stop().counts();
      boolean well = counts.lost() + counts.duplicates() + counts.cutOff() + counts.strange() == 0;
      return well ? 0 : 1;
    } catch (CancellationException e) {
      return 1; // nobody sees this status: the JVM is exiting with that of the signal
    } catch (Exception e) {
      err.println("lastcall bench: " + Objects.requireNonNullElse(e.getMessage(), e.toString()));
      return 1;
    }
  }

  private static BenchReport run(BenchPlan plan, Workplace workplace, Progress progress)
      throws Exception {
    try {
      return new Bench(plan, workplace, progress).run();
    } catch (IOException | RuntimeException e) {
      workplace.check(); // after Ctrl-C the killed service has caused the exception
      throw e;
    } finally {
      progress.end();
    }
  }

  private void print(BenchReport report) {
    report.machine().forEach(this::print);
    report.plan().json().forEach(this::print);
    out.println();
    for (Figure figure : report.all()) {
      out.printf(Locale.ROOT, "%-30s %12s  %s%n", figure.text(), figure.spelled(), figure.how());
    }
    out.println();
    report.clientsTable().forEach(out::println);
    report.connectionsTable().forEach(out::println);
  }

  private void print(String key, Object value) {
    out.printf(Locale.ROOT, "%-30s %s%n", key.replace('_', ' '), value);
  }
}
