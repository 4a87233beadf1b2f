package lastcall.drill;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Reads options with values. Errors are collected, so that all are printed at once. */
class Options {
  /**
   * An option with a value.
   *
   * @param otherwise its value when it is not given; empty if that depends
   * @param form what a value must look like
   */
  record Option(String name, String label, String otherwise, String form, String what) {}

  static final String TO_1000 = "[1-9]\\d{0,2}|1000";
  static final String TIME = "\\d{1,6}(ms|s|m)";

  static final List<Option> DATABASE =
      List.of(
          new Option("--database", "URL", "", "jdbc:postgresql://.+", "jdbc:postgresql://..."),
          new Option("--database-user", "NAME", "", ".+", "or DATABASE_USER in the environment"),
          new Option("--database-password", "P", "", ".+", "or DATABASE_PASSWORD there"));

  private final ParseResult parsed;
  private final List<String> errors = new ArrayList<>();
  private final Map<Path, String> files = new HashMap<>(); // the option that names it

  Options(ParseResult parsed, List<Option> options) {
    this.parsed = parsed;
    for (Option option : options) {
      String value = value(option.name());
      boolean fits = value.matches(option.form()) || !given(option.name());
      check(fits, option.name() + " " + value + ": " + option.what());
    }
  }

  /** Declares the options, all as text: we check the values and list all errors at once. */
  static void declare(CommandSpec spec, List<Option> options) {
    for (Option option : options) {
      String otherwise = option.otherwise();
      OptionSpec.Builder builder =
          OptionSpec.builder(option.name())
              .type(String.class)
              .paramLabel(option.label())
              .description(option.what() + (otherwise.isEmpty() ? "" : " (" + otherwise + ")"));
      spec.addOption((otherwise.isEmpty() ? builder : builder.defaultValue(otherwise)).build());
    }
  }

  /** The errors found so far; all of them once every option was read. */
  List<String> errors() {
    return errors;
  }

  void check(boolean right, String error) {
    if (!right) {
      errors.add(error);
    }
  }

  /** The database of --database; null for SQLite. */
  @Nullable Postgres database() {
    if (!given("--database")) {
      return null;
    }
    String user = or("--database-user", "DATABASE_USER");
    check(!user.isEmpty(), "--database-user: is missing");
    return new Postgres(value("--database"), user, or("--database-password", "DATABASE_PASSWORD"));
  }

  private String or(String option, String variable) {
    String otherwise = System.getenv(variable);
    return given(option) ? value(option) : otherwise == null ? "" : otherwise;
  }

  /** Connects once to the database of --database, if there is one. */
  void checkDatabase() {
    Postgres database = errors.isEmpty() ? database() : null;
    try {
      if (database != null) {
        database.check();
      }
    } catch (SQLException e) {
      errors.add("--database " + value("--database") + ": " + e.getMessage());
    }
  }

  @Nullable Path json() {
    return file("--json");
  }

  /** A file to be written; null if the option is not given. */
  @Nullable Path file(String option) {
    if (value(option).isEmpty()) {
      return null;
    }
    Path file = Path.of(value(option)).toAbsolutePath().normalize();
    String other = files.putIfAbsent(file, option);
    check(other == null, option + " " + file + ": is the file of " + other);
    check(
        WholeFile.writable(file),
        option + " " + file + ": must be a file where files can be written");
    return file;
  }

  boolean given(String option) {
    return parsed.hasMatchedOption(option);
  }

  String value(String option) {
    String otherwise = parsed.commandSpec().findOption(option).defaultValue();
    return parsed.matchedOptionValue(option, otherwise == null ? "" : otherwise);
  }

  int number(String option) {
    return Integer.parseInt(value(option));
  }

  Duration duration(String option) {
    return Durations.parse(value(option));
  }
}
