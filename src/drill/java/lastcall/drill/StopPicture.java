package lastcall.drill;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import lastcall.drill.Timeline.End;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a drill as one SVG: a panel for each row, all on the same axis of time. The SVG holds
 * its colours, dark and light, and its background, so that it can be read on any page.
 */
final class StopPicture {
  /**
   * A row, and when all of it happened.
   *
   * @param timeline null if the row was not run to its end
   */
  record Panel(Row row, @Nullable Timeline timeline) {}

  /** So many are drawn at the most: e-mails in all panels, e-mails in one panel, panels. */
  static final int MOST = 3_000;

  static final int MOST_IN_ONE = 1_000;
  static final int MOST_PANELS = 30;

  private static final int LEGEND = 62; // where it stands
  private static final int BEGIN = 74; // where the panels begin

  private static final String STYLE =
      """
      <style>
      svg.stop { --bg: #fff; --fg: #1c2128; --soft: #57606a; --grid: #e4e8ec; --waited: #d0d7de;
        --sent: #2da47a; --deferred: #b8a24a; --kept: #9cc3f5; --cut: #2f6fd0; --unknown: #9a5fd0;
        --twice: #e8860c; --lost: #d8222f; font: 12px system-ui, sans-serif; }
      @media (prefers-color-scheme: dark) { svg.stop { --bg: #0f1318; --fg: #e6edf3;
        --soft: #9aa5b1; --grid: #242b33; --waited: #3d4752; --sent: #2ea77c; --deferred: #a8923c;
        --kept: #3b6cab; --cut: #5c9bf5; --unknown: #b382e6; --twice: #f09a35; --lost: #ff4d55; } }
      .stop .page { fill: var(--bg); }
      .stop text { fill: var(--fg); }
      .stop .soft { fill: var(--soft); font-size: 11px; }
      .stop .title { font-size: 16px; font-weight: 600; }
      .stop .head { font-size: 14px; font-weight: 600; }
      .stop .big { font-size: 20px; font-weight: 700; }
      .stop .none { fill: var(--sent); }
      .stop .some { fill: var(--lost); }
      .stop .right { text-anchor: end; }
      .stop .middle { text-anchor: middle; }
      .stop .grid { stroke: var(--grid); }
      .stop .mark { stroke: var(--fg); }
      .stop .signal, .stop .exit { stroke-width: 2; }
      .stop .bound { stroke-dasharray: 5 3; }
      .stop .phase, .stop .start { stroke-dasharray: 2 2; }
      """;

  private final List<Panel> all;
  private final List<Panel> panels;
  private final StringBuilder svg = new StringBuilder();

  private StopPicture(List<Panel> all) {
    this.all = all;
    this.panels = all.subList(0, Math.min(all.size(), MOST_PANELS));
  }

  static String of(List<Panel> panels) {
    return new StopPicture(panels).draw();
  }

  private String draw() {
    List<Timeline> timelines =
        panels.stream().map(Panel::timeline).filter(Objects::nonNull).toList();
    TimeAxis axis = TimeAxis.of(timelines);
    int most = Math.min(MOST_IN_ONE, MOST / Math.max(1, panels.size()));
    Set<End> seen = EnumSet.of(End.LOST);
    int y = BEGIN;
    for (Panel panel : panels) {
      StopPanel drawn = new StopPanel(panel, axis, most, y, shared() == null);
      svg.append(drawn.svg());
      seen.addAll(drawn.ends());
      y += drawn.height();
    }
    return head(y) + legend(seen) + svg + "</svg>\n";
  }

  private String head(int height) {
    StringBuilder head = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    head.append(" class=\"stop\" role=\"img\" aria-labelledby=\"stop-title stop-desc\"")
        .append(" viewBox=\"0 0 " + StopPanel.WIDTH + " " + height + "\"")
        .append(" width=\"" + StopPanel.WIDTH + "\" height=\"" + height + "\">\n")
        .append("<title id=\"stop-title\">" + Svg.escape(title()) + "</title>\n")
        .append("<desc id=\"stop-desc\">" + Svg.escape(description()) + "</desc>\n")
        .append(STYLE);
    Arrays.stream(End.values())
        .forEach(
            end -> head.append(".stop ." + end.css() + " { stroke: var(--" + end.css() + "); }\n"));
    return head.append("</style>\n")
        .append(Svg.rect("page", StopPanel.WIDTH, height))
        .append(Svg.text("title", 12, 24, title()))
        .append(Svg.text("soft", 12, 42, subtitle()))
        .toString();
  }

  private static String legend(Set<End> seen) {
    StringBuilder legend = new StringBuilder("<g>");
    double x = 12;
    for (End end : seen) {
      legend
          .append(
              "<path class=\""
                  + end.css()
                  + "\" stroke-width=\"9\" d=\""
                  + Svg.bar(x, LEGEND - 4, 16)
                  + "\"/>")
          .append(Svg.text("soft", x + 21, LEGEND, end.text));
      x += 36 + end.text.length() * 6.1; // all of them fit into the width
    }
    return legend.append("</g>\n").toString();
  }

  /** What all rows have in common; null if they differ. */
  private @Nullable Scenario shared() {
    Scenario first = panels.getFirst().row().scenario();
    boolean same =
        panels.stream()
            .map(panel -> panel.row().scenario())
            .allMatch(s ->
                s.load().equals(first.load())
                    && s.smtp().equals(first.smtp())
                    && s.signal().equals(first.signal())
                    && s.fleet().equals(first.fleet())
                    && s.crash() == null);
    return same ? first : null;
  }

  private String title() {
    Scenario same = shared();
    if (same == null || same.quiet() || same.fleet().trouble() != null) {
      return "The drill: what became of each e-mail";
    }
    String load = same.load().open() ? "sign-ups" : same.load().signups() + " sign-ups";
    return same.signal().text() + " in the middle of " + load + ": what became of each e-mail";
  }

  private String subtitle() {
    Scenario first = panels.getFirst().row().scenario();
    String each = "Each row of bars is an e-mail, from its 202 to its end. Seed " + first.seed();
    if (shared() != null) {
      each +=
          ", "
              + first.service().concurrency()
              + " sends at a time, the mail server answers after "
              + Durations.text(first.smtp().delay())
              + ", deadline "
              + Durations.text(first.service().deadline());
    }
    int left = all.size() - panels.size();
    return each + "." + (left == 0 ? "" : " " + left + " more rows are not drawn.");
  }

  private String description() {
    return panels.stream()
        .map(panel -> StopPanel.name(panel.row().scenario()) + ": " + StopPanel.told(panel.row()))
        .collect(Collectors.joining(" "));
  }
}
