package lastcall.drill;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Lines in SVG. Each line has its own dashes and its name at its end, so that it can be told from
 * the others without colours.
 *
 * @param ticks of the x axis; the first and the last are its ends
 */
record Chart(String title, List<Tick> ticks, List<Line> lines, List<Tick> marks) {
  record Tick(double x, String text) {}

  /** Of equally many {@code x} and {@code y}. */
  record Line(String name, List<Double> x, List<Double> y) {}

  private static final int WIDTH = 720;
  private static final int HEIGHT = 250;
  private static final int LEFT = 64;
  private static final int RIGHT = WIDTH - 110; // behind it are the names of the lines
  private static final int TOP = 34;
  private static final int BOTTOM = HEIGHT - 30;
  private static final int ROWS = 4;

  String svg() {
    StringBuilder svg = new StringBuilder("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    svg.append(" viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\">\n<title>" + title + "</title>\n");
    svg.append(label("title", 0, 16, title));
    double top = top();
    for (int i = 0; i <= ROWS; i++) {
      double y = y(top * i / ROWS, top);
      svg.append(line("grid", LEFT, y, RIGHT, y));
      svg.append(label("end", LEFT - 6, y + 4, Figure.spell(top * i / ROWS)));
    }
    for (Tick tick : ticks) {
      svg.append(label("middle", x(tick.x()), HEIGHT - 8, tick.text()));
    }
    for (Tick mark : marks) {
      svg.append(line("mark", x(mark.x()), TOP - 4, x(mark.x()), BOTTOM));
      svg.append(label("bold", x(mark.x()) + 4, TOP + 6, mark.text()));
    }
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      svg.append("<polyline class=\"line l" + i + "\" points=\"");
      for (int j = 0; j < line.x().size(); j++) {
        svg.append(tenths(x(line.x().get(j))) + "," + tenths(y(line.y().get(j), top)) + " ");
      }
      int last = line.x().size() - 1;
      svg.append("\"/>\n")
          .append(label("", RIGHT + 6, y(line.y().get(last), top) + 4, line.name()));
    }
    return svg.append("</svg>\n").toString();
  }

  /** The end of the y axis: the first of 1, 2, 4, 8, 10 times a power of ten above all values. */
  private double top() {
    double most = lines.stream().flatMap(l -> l.y().stream()).mapToDouble(y -> y).max().orElse(0);
    double power = most <= 0 ? 1 : Math.pow(10, Math.floor(Math.log10(most)));
    IntStream steps = IntStream.of(1, 2, 4, 8);
    return steps.mapToDouble(s -> s * power).filter(t -> t >= most).findFirst().orElse(10 * power);
  }

  private double x(double value) {
    double first = ticks.getFirst().x();
    double width = Math.max(1e-9, ticks.getLast().x() - first);
    return LEFT + (value - first) / width * (RIGHT - LEFT);
  }

  private static double y(double value, double top) {
    return BOTTOM - value / top * (BOTTOM - TOP);
  }

  private static String line(String css, double x, double y, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        css,
        x,
        y,
        x2,
        y2);
  }

  private static String label(String css, double x, double y, String label) {
    return String.format(
        Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", css, x, y, label);
  }

  private static String tenths(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
