package lastcall.drill;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** The last line: whether the promise held, in words. */
final class Conclusion {
  private Conclusion() {}

  static String of(List<Row> rows) {
    List<Row.Counted> counted =
        rows.stream().filter(Row.Counted.class::isInstance).map(Row.Counted.class::cast).toList();
    List<Row.Counted> promised = counted.stream().filter(Row.Counted::promised).toList();
    List<Row.Counted> memory = counted.stream().filter(row -> row.scenario().memory()).toList();
    List<Row.Counted> asynchronous = counted.stream().filter(Row.Counted::asynchronous).toList();
    List<Row> broken = rows.stream().filter(row -> !row.broken().isEmpty()).toList();
    StringBuilder line = new StringBuilder();
    if (!memory.isEmpty()) {
      line.append(sum(memory, row -> row.counts().accepted())).append(" accepted and ");
      line.append(sum(memory, row -> row.counts().lost()));
      line.append(" lost where e-mails are in memory and nothing is promised");
      line.append(rows.size() == memory.size() ? "" : "; with the outbox ");
    }
    if (!asynchronous.isEmpty()) {
      line.append("asynchronous standby: ").append(sum(asynchronous, Conclusion::gone));
      line.append(" accepted sign-ups lost, ");
      line.append(sum(asynchronous, row -> row.counts().duplicates()));
      line.append(" e-mails sent twice of ");
      line.append(sum(asynchronous, row -> row.counts().accepted())).append(" accepted");
    }
    if (!promised.isEmpty()) {
      line.append(books(promised));
    }
    if (broken.isEmpty()) {
      return line.append(promised.isEmpty() ? "" : ": as promised").toString();
    }
    String reasons =
        broken.stream()
            .map(row -> title(row, rows.size()) + String.join(", ", row.broken()))
            .collect(Collectors.joining("; "));
    return line.append(counted.isEmpty() ? "" : ": broken: ").append(reasons).toString();
  }

  private static int gone(Row.Counted row) {
    Row.Outage outage = row.pace().outage();
    return outage == null ? 0 : outage.gone();
  }

  private static String books(List<Row.Counted> rows) {
    int kept = sum(rows, row -> row.counts().kept());
    return sum(rows, row -> row.counts().accepted())
        + " accepted, "
        + sum(rows, row -> row.counts().lost())
        + " lost, "
        + sum(rows, row -> row.counts().duplicates())
        + " sent twice, "
        + (kept > 0 ? kept + " kept, " : "")
        + sum(rows, Row.Counted::inFlight)
        + " were in flight";
  }

  private static int sum(List<Row.Counted> rows, ToIntFunction<Row.Counted> number) {
    return rows.stream().mapToInt(number).sum();
  }

  private static String title(Row row, int rows) {
    return rows == 1 ? "" : row.scenario().title() + ": ";
  }
}
