package lastcall.api;

import java.util.stream.IntStream;

/** RFC 3492. The names are the RFC's. */
final class Punycode {
  private static final int BASE = 36;
  private static final int T_MIN = 1;
  private static final int T_MAX = 26;
  private static final int SKEW = 38;
  private static final int DAMP = 700;

  private Punycode() {}

  /**
   * @param label at most a few hundred code points, of which one at least is beyond ASCII: no
   *     number here overflows then
   */
  static String encode(int[] label) {
    StringBuilder out = new StringBuilder();
    IntStream.of(label).filter(c -> c < 0x80).forEach(out::appendCodePoint);
    int basic = out.length();
    if (basic > 0) {
      out.append('-');
    }
    int handled = basic;
    int n = 0x80;
    int delta = 0;
    int bias = 72;
    for (int m : IntStream.of(label).filter(c -> c >= 0x80).sorted().distinct().toArray()) {
      delta += (m - n) * (handled + 1);
      for (int c : label) {
        if (c < m) {
          delta++;
        } else if (c == m) {
          bias = append(out, delta, bias, handled + 1, handled == basic);
          delta = 0;
          handled++;
        }
      }
      delta++;
      n = m + 1;
    }
    return out.toString();
  }

  /** Appends one number, and returns the bias of the next. */
  private static int append(StringBuilder out, int delta, int bias, int points, boolean first) {
    int q = delta;
    for (int k = BASE; ; k += BASE) {
      int t = Math.clamp(k - bias, T_MIN, T_MAX);
      if (q < t) {
        out.append(digit(q));
        break;
      }
      out.append(digit(t + (q - t) % (BASE - t)));
      q = (q - t) / (BASE - t);
    }
    int d = first ? delta / DAMP : delta / 2;
    d += d / points;
    int k = 0;
    for (; d > (BASE - T_MIN) * T_MAX / 2; k += BASE) {
      d /= BASE - T_MIN;
    }
    return k + (BASE - T_MIN + 1) * d / (d + SKEW);
  }

  private static char digit(int value) {
    return (char) (value < 26 ? 'a' + value : '0' + value - 26);
  }
}
