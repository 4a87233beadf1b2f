package lastcall.drill;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rows as people read them, each printed as it comes. */
final class Table {
  private record Column(String name, int width, Function<Row.Counted, Object> cell) {
    String pad(Object text) {
      return String.format(Locale.ROOT, "%" + width + "s", text);
    }
  }

  private static final String TITLE = "%-36s";
  private static final List<Column> CRASHES =
      List.of(
          new Column("lost", 9, r -> mark(r, r.counts().lost(), r.lostBroken())),
          new Column("duplicates", 12, r -> mark(r, r.counts().duplicates(), r.duplicatesBroken())),
          new Column("in-flight", 11, Row.Counted::inFlight),
          new Column("accepted", 10, r -> r.counts().accepted()),
          new Column("delivered", 11, r -> r.counts().delivered()),
          new Column("unanswered", 12, r -> r.counts().unanswered()),
          new Column("status", 8, Row.Counted::status),
          new Column("due", 5, r -> recovery(r, Row.Recovery::due)),
          new Column("recovered", 11, r -> recovery(r, Row.Recovery::recovered)),
          new Column("recovery", 10, r -> recovery(r, s -> seconds(s.seconds()))));
  private static final List<Column> SIGNALS =
      List.of(
          new Column("at", 14, r -> r.scenario().moment()),
          new Column("lost", 9, r -> mark(r, r.counts().lost(), r.lostBroken())),
          new Column("kept", 7, r -> r.counts().kept()),
          new Column("duplicates", 12, r -> mark(r, r.counts().duplicates(), r.duplicatesBroken())),
          new Column("in-flight", 11, Row.Counted::inFlight),
          new Column("accepted", 10, r -> r.counts().accepted()),
          new Column("delivered", 11, r -> r.counts().delivered()),
          new Column("unknown", 9, r -> r.unknown() == null ? "-" : r.unknown()),
          new Column("repeated", 10, Row.Counted::repeated),
          new Column("refused", 9, r -> r.counts().refused()),
          new Column("cut-off", 9, r -> r.counts().cutOff()),
          new Column("unanswered", 12, r -> r.counts().unanswered()),
          new Column("seconds", 9, r -> seconds(r.seconds())),
          new Column("status", 8, Row.Counted::status));

  private static final List<Column> FLEETS =
      List.of(
          new Column("at", 14, r -> r.scenario().moment()),
          new Column("lost", 9, r -> mark(r, r.counts().lost(), r.lostBroken())),
          new Column("half-done", 11, r -> mark(r, r.halfDone(), r.halfDoneBroken())),
          new Column("duplicates", 12, r -> mark(r, r.counts().duplicates(), r.duplicatesBroken())),
          new Column("in-flight", 11, Row.Counted::inFlight),
          new Column("accepted", 10, r -> r.counts().accepted()),
          new Column("delivered", 11, r -> r.counts().delivered()),
          new Column("unknown", 9, r -> r.unknown() == null ? "-" : r.unknown()),
          new Column("repeated", 10, Row.Counted::repeated),
          new Column("refused", 9, r -> r.counts().refused()),
          new Column("cut-off", 9, r -> r.counts().cutOff()),
          new Column("unanswered", 12, r -> r.counts().unanswered()),
          new Column("seconds", 9, r -> seconds(r.seconds())),
          new Column("takeover", 10, r -> seconds(r.pace().takeover())),
          new Column("outage", 8, r -> outage(r, o -> seconds(o.seconds()))),
          new Column("mails/s", 9, r -> Math.round(r.pace().perSecond())));

  /** With delivery.rate, behind the others. */
  private static final List<Column> RATE =
      List.of(
          new Column("ahead", 10, r -> kept(r, k -> mark(r, (int) k.ahead(), k.broken()))),
          new Column("in-1s", 7, r -> kept(r, RateKept::inSecond)));

  private static final List<Column> FAILOVERS =
      List.of(
          new Column("at", 14, r -> r.scenario().moment()),
          new Column("lost", 9, r -> mark(r, r.counts().lost(), r.lostBroken())),
          new Column("gone", 9, r -> outage(r, o -> mark(r, o.gone(), o.gone() > 0))),
          new Column("half-done", 11, r -> mark(r, r.halfDone(), r.halfDoneBroken())),
          new Column("duplicates", 12, r -> mark(r, r.counts().duplicates(), r.duplicatesBroken())),
          new Column("accepted", 10, r -> r.counts().accepted()),
          new Column("delivered", 11, r -> r.counts().delivered()),
          new Column("503s", 6, r -> outage(r, Row.Outage::unavailable)),
          new Column("repeated", 10, Row.Counted::repeated),
          new Column("refused", 9, r -> r.counts().refused()),
          new Column("cut-off", 9, r -> r.counts().cutOff()),
          new Column("unanswered", 12, r -> r.counts().unanswered()),
          new Column("outage", 8, r -> outage(r, o -> seconds(o.seconds()))),
          new Column("all-serve", 11, r -> outage(r, o -> seconds(o.all()))),
          new Column("stuck", 7, r -> outage(r, Row.Outage::stuck)));

  private final PrintStream out;
  private final String title;
  private final List<Column> columns;

  Table(PrintStream out, Scenario first) {
    this.out = out;
    this.title = title(first);
    this.columns = columns(first);
  }

  private static String title(Scenario first) {
    return first.crash() != null
        ? "point"
        : (first.goesOn() ? "instances" : "strategy") + " queue signal delay";
  }

  private static List<Column> columns(Scenario first) {
    if (first.fleet().trouble() instanceof DatabaseTrouble.OnPair) {
      return FAILOVERS;
    }
    List<Column> usual = first.crash() != null ? CRASHES : first.goesOn() ? FLEETS : SIGNALS;
    return first.service().rate().isNone()
        ? usual
        : Stream.concat(usual.stream(), RATE.stream()).toList();
  }

  /** The heads of all columns, that of the title too. */
  static List<String> names(Scenario first) {
    return Stream.concat(Stream.of(title(first)), columns(first).stream().map(Column::name))
        .toList();
  }

  /** What stands below them, but for the title. */
  static List<String> cells(Row.Counted row, Scenario first) {
    return columns(first).stream().map(c -> c.cell().apply(row).toString().strip()).toList();
  }

  private static String seconds(@Nullable Double seconds) {
    return seconds == null ? "-" : String.format(Locale.ROOT, "%.1f", seconds);
  }

  private static Object recovery(Row.Counted row, Function<Row.Recovery, Object> cell) {
    Row.Recovery recovery = row.recovery();
    return recovery == null ? "-" : cell.apply(recovery);
  }

  private static Object kept(Row.Counted row, Function<RateKept, Object> cell) {
    RateKept kept = row.pace().kept();
    return kept == null ? "-" : cell.apply(kept);
  }

  private static Object outage(Row.Counted row, Function<Row.Outage, Object> cell) {
    Row.Outage outage = row.pace().outage();
    return outage == null ? "-" : cell.apply(outage);
  }

  private static String mark(Row.Counted row, int count, boolean broken) {
    return row.promised() && broken
        ? count + " !!"
        : row.promised() ? count + " ok" : count + "   ";
  }

  void head() {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, TITLE, title));
    columns.forEach(column -> line.append(column.pad(column.name())));
    out.println(line);
  }

  void row(Row row) {
    StringBuilder line =
        new StringBuilder(String.format(Locale.ROOT, TITLE, row.scenario().title()));
    switch (row) {
      case Row.Counted counted ->
          columns.forEach(column -> line.append(column.pad(column.cell().apply(counted))));
      case Row.Failed failed -> line.append(" ").append(failed.reason());
    }
    out.println(line.toString().stripTrailing());
    if (row instanceof Row.Counted counted && counted.scenario().fleet().old() > 0) {
      out.println(
          ("  old e-mails deleted under load: " + counted.pruned())
              + (" of " + counted.scenario().fleet().old())
              + (", lost " + counted.counts().lost() + ", half done " + counted.halfDone()));
    }
  }

  void foot(List<Row> rows) {
    String at = "at: when the signal came, as so many answers 202 of all sign-ups, or as a time. ";
    String gone = "gone: 202 was read, and the user is not stored. outage: s to the first 202";
    boolean failovers = columns.equals(FAILOVERS);
    out.println(
        (columns.equals(CRASHES) ? "" : failovers ? at.replace("signal", "trouble") : at)
            + (failovers
                ? gone + ", all-serve: of each instance."
                : "in-flight: claimed at the exit."));
    out.println("ok: as promised. !!: not as promised. Without a mark: nothing is promised.");
    out.println(Conclusion.of(rows));
  }
}
