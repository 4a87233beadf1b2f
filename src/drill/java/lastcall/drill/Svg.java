package lastcall.drill;

import java.util.Locale;

/** Pieces of SVG, with one place behind the point. */
final class Svg {
  private Svg() {}

  static String text(String css, double x, double y, String text) {
    return String.format(
        Locale.ROOT,
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
        css,
        x,
        y,
        escape(text));
  }

  static String vertical(String css, double x, double y, double to) {
    return String.format(
        Locale.ROOT,
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        css,
        x,
        y,
        x,
        to);
  }

  static String rect(String css, int width, int height) {
    return "<rect class=\"" + css + "\" width=\"" + width + "\" height=\"" + height + "\"/>\n";
  }

  /** A part of a path: as a stroke it is a bar. */
  static String bar(double x, double y, double width) {
    return String.format(Locale.ROOT, "M%.1f %.1fh%.1f", x, y, width);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
