package lastcall.drill;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The rows as people read them, each printed as it comes. */
final class Table {
  private record Column(String name, int width, Function<Row.Counted, Object> cell) {
    String pad(Object text) {
      return ("%" + width + "s").formatted(text);
    }
  }

  private static final String TITLE = "%-40s";
  private static final List<Column> COLUMNS =
      List.of(
          new Column("at", 14, r -> r.scenario().moment()),
          new Column("lost", 9, r -> mark(r, r.counts().lost(), r.lostBroken())),
          new Column("kept", 7, r -> r.counts().kept()),
          new Column("duplicates", 12, r -> mark(r, r.counts().duplicates(), r.duplicatesBroken())),
          new Column("in flight", 11, Row.Counted::inFlight),
          new Column("accepted", 10, r -> r.counts().accepted()),
          new Column("delivered", 11, r -> r.counts().delivered()),
          new Column("unknown", 9, r -> r.unknown() == null ? "-" : r.unknown()),
          new Column("cut off", 9, r -> r.counts().cutOff()),
          new Column("unanswered", 12, r -> r.counts().unanswered()),
          new Column("seconds", 9, r -> String.format(Locale.ROOT, "%.1f", r.seconds())),
          new Column("status", 8, Row.Counted::status));

  private final PrintStream out;

  Table(PrintStream out) {
    this.out = out;
  }

  private static String mark(Row.Counted row, int count, boolean broken) {
    return broken ? count + " !!" : row.promised() ? count + " ok" : count + "   ";
  }

  void head() {
    StringBuilder line = new StringBuilder(TITLE.formatted("strategy queue signal smtp-delay"));
    COLUMNS.forEach(column -> line.append(column.pad(column.name())));
    out.println(line);
  }

  void row(Row row) {
    StringBuilder line = new StringBuilder(TITLE.formatted(row.scenario().title()));
    switch (row) {
      case Row.Counted counted ->
          COLUMNS.forEach(column -> line.append(column.pad(column.cell().apply(counted))));
      case Row.Failed(Scenario scenario, String why) -> line.append(" could not be run");
    }
    out.println(line.toString().stripTrailing());
  }

  void foot(List<Row> rows) {
    out.println(
        "at: the signal, in answers 202 or time, of sign-ups. in flight: claimed at the exit.\n"
            + "ok: promised and kept; !!: promised and broken; the rest promises nothing.");
    for (Row row : rows) {
      row.broken().forEach(what -> out.println("BROKEN " + row.scenario().title() + ": " + what));
    }
  }
}
