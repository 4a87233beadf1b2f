package lastcall.drill;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One measured number; its key says the unit.
 *
 * @param value null if it could not be measured
 * @param how it was measured, or why it could not be
 */
record Figure(String key, @Nullable Double value, String how) {
  String text() {
    return key.replace('_', ' ');
  }

  String spelled() {
    return value == null ? "not measured" : spell(value);
  }

  /** With as many places as mean something. */
  static String spell(double value) {
    boolean whole = value == Math.rint(value) || value >= 100;
    return String.format(Locale.ROOT, whole ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }

  /** Keys and values in turn, in this order. */
  static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
