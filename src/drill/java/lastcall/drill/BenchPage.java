package lastcall.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** One page with pictures and all figures, which needs no other file and no script. */
final class BenchPage {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width"/>
      <title>Lastcall: bench</title>
      <style>
      :root { color-scheme: light dark; --0: #0b5cad; --1: #b3470b; --grid: #ddd; }
      @media (prefers-color-scheme: dark) { :root { --0: #7fb8f5; --1: #f2a066; --grid: #444; } }
      body { font: 15px/1.45 system-ui, sans-serif; max-width: 760px; margin: 2em auto; padding: 0 1em; }
      svg { width: 100%; margin: 0.6em 0; }
      svg text { fill: currentColor; font-size: 12px; }
      svg .title { font-size: 14px; font-weight: 600; }
      svg .bold { font-weight: 600; }
      .end { text-anchor: end; }
      .middle { text-anchor: middle; }
      .grid { stroke: var(--grid); }
      .mark { stroke: currentColor; }
      .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke: var(--0); }
      .l1 { stroke: var(--1); stroke-dasharray: 7 4; }
      table { border-collapse: collapse; width: 100%; font-size: 13px; }
      td { padding: 2px 12px 2px 0; vertical-align: top; border-bottom: 1px solid var(--grid); }
      td + td { font-variant-numeric: tabular-nums; }
      </style>
      </head>
      <body>
      <h1>Sign-ups with Lastcall, and a stop under load</h1>
      """;

  private final BenchReport report;
  private final StringBuilder html = new StringBuilder(HEAD);

  private BenchPage(BenchReport report) {
    this.report = report;
  }

  static String of(BenchReport report) {
    BenchPage page = new BenchPage(report);
    page.stop(report.stop());
    page.load();
    page.tables();
    return page.html.append("</body>\n</html>\n").toString();
  }

  /** Three charts one above the other, on the same axis of time: 0 is the signal. */
  private void stop(BenchReport.Stop stop) {
    Counts counts = stop.counts();
    html.append("<p>TERM came while all clients went on. The process ended ")
        .append(Figure.spell(stop.seconds()) + " s later with status " + stop.status() + ": ")
        .append(counts.lost() + " e-mails lost, " + counts.duplicates() + " sent twice, ")
        .append(counts.cutOff() + " requests cut off, " + counts.kept() + " e-mails kept.</p>\n");
    double step = stop.step().toMillis() / 1e3;
    double before = BenchReport.Stop.BEFORE.toMillis() / 1e3;
    double end = stop.answers().size() * step - before;
    double pace = Math.max(0.5, Math.ceil((before + end) / 10));
    List<Chart.Tick> ticks = new ArrayList<>();
    for (double at = -before; at < end - pace / 3; at += pace) {
      ticks.add(new Chart.Tick(at, Figure.spell(at) + " s"));
    }
    ticks.add(new Chart.Tick(end, ""));
    var marks = List.of(new Chart.Tick(0, "TERM"), new Chart.Tick(stop.seconds(), "exit"));
    List<Double> x = range(stop.answers().size(), i -> i * step - before);
    Chart.Line answers = new Chart.Line("202", x, times(stop.answers(), 1 / step));
    Chart.Line emails = new Chart.Line("e-mails", x, times(stop.emails(), 1 / step));
    Chart.Line waiting = new Chart.Line("waiting", x, times(stop.waiting(), 1));
    draw(new Chart("Sign-ups answered 202, a second", ticks, List.of(answers), marks));
    draw(new Chart("E-mails accepted by the mail server, a second", ticks, List.of(emails), marks));
    draw(new Chart("E-mails waiting: 202 read, not accepted", ticks, List.of(waiting), marks));
  }

  private void load() {
    html.append("<h2>Under load</h2>\n");
    Chart.Line answers = line("202", report.answers().values());
    Chart.Line emails = line("202 to the dot", report.emails().values());
    chart("Latency, ms", Moments.Latency.NAMES, answers, emails);
    List<BenchReport.ClientsPoint> curve = report.curve();
    if (!curve.isEmpty()) {
      List<String> clients = curve.stream().map(point -> point.clients() + " clients").toList();
      chart("Sign-ups a second", clients, line("202", curve, p -> p.perSecond()));
      Chart.Line p50 = line("p50", curve, p -> p.latency().p50());
      chart("Latency of the 202, ms", clients, p50, line("p99", curve, p -> p.latency().p99()));
    }
    List<BenchReport.ConnectionsPoint> points = report.connections();
    if (!points.isEmpty()) {
      List<String> counts = points.stream().map(point -> "" + point.connections()).toList();
      Chart.Line service = line("service", points, p -> p.warm());
      Chart.Line raw = line("raw client", points, p -> p.raw());
      chart("E-mails of a backlog a second, by SMTP connections", counts, service, raw);
    }
  }

  private void tables() {
    html.append("<h2>Figures</h2>\n<table>\n");
    report.all().forEach(figure -> row(figure.text(), figure.spelled(), figure.how()));
    html.append("</table>\n<h2>Conditions</h2>\n<table>\n");
    report.machine().forEach((key, value) -> row(key, "" + value, ""));
    report.plan().json().forEach((key, value) -> row(key, "" + value, ""));
    html.append("</table>\n");
  }

  private void row(String... cells) {
    html.append("<tr>");
    for (String cell : cells) {
      String text = cell.replace("&", "&amp;").replace("<", "&lt;").replace('_', ' ');
      html.append("<td>" + text + "</td>");
    }
    html.append("</tr>\n");
  }

  private void chart(String title, List<String> ticks, Chart.Line... lines) {
    List<Chart.Tick> at =
        IntStream.range(0, ticks.size()).mapToObj(i -> new Chart.Tick(i, ticks.get(i))).toList();
    draw(new Chart(title, at, List.of(lines), List.of()));
  }

  private void draw(Chart chart) {
    html.append(chart.svg());
  }

  private static <T> Chart.Line line(String name, List<T> points, Function<T, Double> y) {
    return line(name, points.stream().map(y).toList());
  }

  /** A point for each tick. */
  private static Chart.Line line(String name, List<Double> y) {
    return new Chart.Line(name, range(y.size(), i -> i), y);
  }

  private static List<Double> range(int count, IntToDoubleFunction value) {
    return IntStream.range(0, count).mapToDouble(value).boxed().toList();
  }

  private static List<Double> times(List<Integer> counts, double factor) {
    return counts.stream().map(count -> count * factor).toList();
  }
}
