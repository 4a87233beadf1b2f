package lastcall.drill;

import java.util.List;
import java.util.stream.Collectors;
import lastcall.drill.StopPicture.Panel;

/** The picture and all numbers on one page, which needs no other file and no script. */
final class StopPage {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width"/>
      <title>Lastcall: drill</title>
      <style>
      :root { color-scheme: light dark; }
      body { font: 15px/1.45 system-ui, sans-serif; max-width: 1200px; margin: 2em auto; padding: 0 1em; }
      svg { width: 100%; height: auto; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-size: 13px; }
      caption { text-align: left; }
      th, td { padding: 3px 12px 3px 0; text-align: right; border-bottom: 1px solid #8884; }
      th:first-child { text-align: left; white-space: nowrap; }
      td { font-variant-numeric: tabular-nums; white-space: nowrap; }
      </style>
      </head>
      <body>
      <main>
      <h1>The drill</h1>
      """;

  private static final String NOTES =
      """
      <h2>How to read it</h2>
      <ul>
      <li>A bar begins when the client reads 202 and ends when the e-mail has ended. A send begins with RCPT
      and ends with the answer to the final dot, as the drill&#8217;s mail server saw both. An e-mail that was
      stored but not answered with 202 has no wait.</li>
      <li>A send is unknown when its service says so, or when its process ended between the final dot and the answer.</li>
      <li>A lost bar ends with the process that had the e-mail in memory.</li>
      <li>Drain is told by the service&#8217;s log. Cut and deadline follow from the configuration. Signals,
      exits and starts are those the drill saw.</li>
      </ul>
      """;

  private StopPage() {}

  static String of(List<Panel> panels) {
    List<Row> rows = panels.stream().map(Panel::row).toList();
    return HEAD
        + StopPicture.of(panels)
        + "<h2>All numbers</h2>\n<div class=\"wide\" tabindex=\"0\">\n"
        + table(rows)
        + "</div>\n<p>"
        + Svg.escape(Conclusion.of(rows))
        + "</p>\n"
        + NOTES
        + "</main>\n</body>\n</html>\n";
  }

  private static String table(List<Row> rows) {
    Scenario first = rows.getFirst().scenario();
    return "<table>\n<caption>ok: as promised. !!: not as promised.</caption>\n<thead><tr>"
        + Table.names(first).stream()
            .map(name -> "<th scope=\"col\">" + Svg.escape(name) + "</th>")
            .collect(Collectors.joining())
        + "</tr></thead>\n<tbody>\n"
        + rows.stream().map(row -> row(row, first)).collect(Collectors.joining())
        + "</tbody>\n</table>\n";
  }

  private static String row(Row row, Scenario first) {
    String cells =
        switch (row) {
          case Row.Counted counted ->
              Table.cells(counted, first).stream()
                  .map(cell -> "<td>" + Svg.escape(cell) + "</td>")
                  .collect(Collectors.joining());
          case Row.Failed failed ->
              "<td colspan=\""
                  + (Table.names(first).size() - 1)
                  + "\">"
                  + Svg.escape(failed.reason())
                  + "</td>";
        };
    return "<tr><th scope=\"row\">"
        + Svg.escape(row.scenario().title())
        + "</th>"
        + cells
        + "</tr>\n";
  }
}
