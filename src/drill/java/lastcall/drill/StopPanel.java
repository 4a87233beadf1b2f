package lastcall.drill;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import lastcall.drill.Timeline.Bar;
import lastcall.drill.Timeline.End;
import lastcall.drill.Timeline.Mark;

/**
 * One row of the picture: its numbers, and a lane for each e-mail that has not ended. A lane is
 * free again when its e-mail has ended.
 */
final class StopPanel {
  static final int WIDTH = 880;
  static final int LEFT = 200;
  static final int RIGHT = WIDTH - 16;
  private static final int NUMBERS = 104; // their height
  private static final double THICK = 9; // a lane, if there is room
  private static final double THIN = 1.2;
  private static final double LETTER = 7;
  private static final int LABEL = 13; // the height of one
  private static final int TICKS = 18;
  private static final int GAP = 14;

  /** A mark's label, {@code level} lines below the top. */
  private record Label(Mark mark, double x, boolean right, int level) {}

  private final TimeAxis axis;
  private final int top;
  private final StringBuilder svg = new StringBuilder("<g>\n");
  private final Map<End, StringBuilder> paths = new EnumMap<>(End.class);
  private final int height;
  private double thick = THICK; // a lane of this panel

  /**
   * @param most e-mails that are drawn, evenly chosen if there are more
   * @param titled whether it says the signal and the mail server's delay, since the rows differ
   */
  StopPanel(StopPicture.Panel panel, TimeAxis axis, int most, int top, boolean titled) {
    this.axis = axis;
    this.top = top;
    Scenario scenario = panel.row().scenario();
    svg.append(Svg.text("head", 12, top + 14, name(scenario)))
        .append(Svg.text("soft", 12, top + 30, titled ? scenario.title() : idea(scenario)));
    Timeline timeline = panel.timeline();
    if (timeline != null && panel.row() instanceof Row.Counted row) {
      height = draw(row, timeline, most);
    } else {
      String told = told(panel.row());
      svg.append(Svg.text("", LEFT, top + 14, told.substring(0, Math.min(100, told.length()))));
      height = 36 + GAP;
    }
    svg.append("</g>\n");
  }

  String svg() {
    return svg.toString();
  }

  int height() {
    return height;
  }

  /** Those that it shows. */
  Set<End> ends() {
    return paths.keySet();
  }

  private int draw(Row.Counted row, Timeline timeline, int most) {
    List<List<Bar>> emails = timeline.emails();
    List<List<Bar>> drawn = thinned(emails, most);
    numbers(row, drawn.size(), emails.size());
    List<Label> labels = labels(timeline);
    int above = labels.stream().mapToInt(Label::level).max().orElse(0) * LABEL + LABEL + 4;
    double bars = bars(timeline.origin(), drawn, top + above);
    double bottom = top + Math.max(NUMBERS, above + bars + 2);
    for (double tick : axis.ticks()) {
      svg.append(Svg.vertical("grid", axis.x(tick), top + above, bottom))
          .append(Svg.text("soft middle", axis.x(tick), bottom + 13, Figure.spell(tick) + " s"));
    }
    String stroke = Svg.number(thick > 3 ? thick - 1 : thick * 0.9);
    svg.append("<g class=\"bars\" stroke-width=\"" + stroke + "\">\n");
    paths.forEach(
        (end, path) -> svg.append("<path class=\"" + end.css() + "\" d=\"" + path + "\"/>\n"));
    svg.append("</g>\n");
    for (Label label : labels) {
      String css = label.mark().kind().name().toLowerCase(Locale.ROOT);
      int y = top + 10 + label.level() * LABEL;
      svg.append(Svg.vertical("mark " + css, label.x(), y - 8, bottom))
          .append(
              Svg.text(
                  label.right() ? "right" : "",
                  label.x() + (label.right() ? -4 : 4),
                  y,
                  label.mark().label()));
    }
    return (int) Math.ceil(bottom - top) + TICKS + GAP;
  }

  private void numbers(Row.Counted row, int drawn, int all) {
    Counts counts = row.counts();
    svg.append(
            Svg.text(
                "big " + (counts.lost() > 0 ? "some" : "none"),
                12,
                top + 54,
                counts.lost() + " lost"))
        .append(Svg.text("soft", 12, top + 70, lines(row).get(0)))
        .append(Svg.text("soft", 12, top + 84, lines(row).get(1)))
        .append(Svg.text("soft", 12, top + 98, lines(row).get(2)));
    if (drawn < all) {
      String some = "drawn: " + drawn + " of " + all + " e-mails, evenly";
      svg.append(Svg.text("soft", 12, top + 112, some));
    }
  }

  private static List<String> lines(Row.Counted row) {
    Counts counts = row.counts();
    return List.of(
        "of "
            + counts.accepted()
            + " accepted"
            + (counts.unanswered() == 0 ? "" : "; " + counts.unanswered() + " unanswered"),
        counts.delivered() + " delivered, " + counts.duplicates() + " of them twice",
        "exit after " + Figure.spell(row.seconds()) + " s, status " + row.status());
  }

  /** In one sentence. */
  static String told(Row row) {
    return switch (row) {
      case Row.Counted counted ->
          counted.counts().lost() + " lost " + String.join(", ", lines(counted)) + ".";
      case Row.Failed failed -> failed.reason();
    };
  }

  static String name(Scenario scenario) {
    if (scenario.crash() != null) {
      return scenario.crash().point().spelled();
    }
    return scenario.goesOn()
        ? scenario.fleet().instances() + " x outbox"
        : scenario.memory() ? scenario.strategy() : "outbox";
  }

  private static String idea(Scenario scenario) {
    if (!scenario.memory()) {
      return scenario.restart() ? "rows in the database; restarted" : "rows in the database";
    }
    return switch (scenario.strategy()) {
      case "none" -> "in memory; waits for nothing";
      case "sleep" -> "in memory; sleeps 2 s";
      case "channels" -> "in memory; waits 5 s for workers";
      case "executor", "scope" -> "in memory; waits until D \u2212 1 s";
      default -> "in memory; waits for the group";
    };
  }

  private static List<List<Bar>> thinned(List<List<Bar>> emails, int most) {
    int drawn = Math.min(most, emails.size());
    return IntStream.range(0, drawn)
        .mapToObj(i -> emails.get((int) ((long) i * emails.size() / drawn)))
        .toList();
  }

  /** Each e-mail in the first free lane; returns their height. */
  private double bars(long origin, List<List<Bar>> emails, double from) {
    List<Long> lanes = new ArrayList<>(); // when the last e-mail in it has ended
    List<Integer> placed = new ArrayList<>();
    for (List<Bar> email : emails) {
      long begins = email.getFirst().from();
      int lane = 0;
      while (lane < lanes.size() && lanes.get(lane) > begins) {
        lane++;
      }
      if (lane == lanes.size()) {
        lanes.add(0L);
      }
      lanes.set(lane, email.getLast().to());
      placed.add(lane);
    }
    thick = Math.clamp((NUMBERS - 20) / (double) Math.max(1, lanes.size()), THIN, THICK);
    for (int i = 0; i < emails.size(); i++) {
      double y = from + (placed.get(i) + 0.5) * thick;
      emails.get(i).forEach(bar -> bar(bar, origin, y));
    }
    return lanes.size() * thick;
  }

  private void bar(Bar bar, long origin, double y) {
    double x = axis.x((bar.from() - origin) / 1e9);
    double width = Math.max(0.6, axis.x((bar.to() - origin) / 1e9) - x);
    paths.computeIfAbsent(bar.end(), end -> new StringBuilder()).append(Svg.bar(x, y, width));
  }

  /** Each in the first line in which it has room; those behind the end are left out. */
  private List<Label> labels(Timeline timeline) {
    List<Label> labels = new ArrayList<>();
    List<Double> levels = new ArrayList<>(); // where the last label in it ends
    for (Mark mark : timeline.marks()) {
      double x = axis.x((mark.at() - timeline.origin()) / 1e9);
      double width = mark.label().length() * LETTER + 8;
      boolean right = x + width > WIDTH;
      double begins = right ? x - width : x;
      if (x <= RIGHT) {
        int level = 0;
        while (level < levels.size() && levels.get(level) > begins) {
          level++;
        }
        if (level == levels.size()) {
          levels.add(0.0);
        }
        levels.set(level, right ? x : x + width);
        labels.add(new Label(mark, x, right, level));
      }
    }
    return labels;
  }
}
