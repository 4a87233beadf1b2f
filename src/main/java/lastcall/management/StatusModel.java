package lastcall.management;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The state with all that only people need: words for times, charts, colours. */
final class StatusModel {
  private StatusModel() {}

  static Map<String, Object> of(Map<String, Object> tree, Map<String, Object> history) {
    Map<String, Object> model = new HashMap<>(words(tree));
    model.put("live", true);
    model.put("charts", charts(history));
    return model;
  }

  /** Beside each {@code NAME_ms} a {@code NAME}, in words. */
  private static Map<String, Object> words(Map<?, ?> tree) {
    Map<String, Object> words = new LinkedHashMap<>();
    tree.forEach((key, value) -> {
      String name = key.toString();
      words.put(name, words(value));
      if (name.endsWith("_ms") && value instanceof Number number) {
        words.put(name.replaceFirst("_ms$", ""), Times.words(number.longValue()));
      }
      if (value instanceof Boolean flag) {
        words.put("not_" + name, !flag);
      }
      if (value instanceof List<?> list) {
        words.put("any_" + name, !list.isEmpty());
        words.put("count_" + name, list.size());
      }
      if (name.equals("if_cut")) {
        words.put("colour", colour(String.valueOf(value)));
        words.put("fate", fate(String.valueOf(value)));
      }
      if (name.equals("outcome")) {
        words.put(
            "colour", value.equals("sent") ? "good" : value.equals("not_sent") ? "wait" : "bad");
      }
    });
    return words;
  }

  private static @Nullable Object words(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Map<?, ?> map -> words(map);
      case List<?> list -> list.stream().map(StatusModel::words).toList();
      default -> value;
    };
  }

  private static String colour(String ifCut) {
    return ifCut.equals("awaits-answer") ? "bad" : ifCut.equals("given-back") ? "wait" : "good";
  }

  private static String fate(String ifCut) {
    return switch (ifCut) {
      case "not-begun" -> "would stay due";
      case "given-back" -> "would be cut and given back";
      default -> "waits for the answer to its final dot: not cut, unknown at D − 0.5 s";
    };
  }

  private static List<Map<String, Object>> charts(Map<String, Object> history) {
    return List.of(
        chart(history, "signups_per_s", "Sign-ups a second", "/s"),
        chart(history, "signup_mean_ms", "202 after, mean", " ms"),
        chart(history, "sent_per_s", "E-mails sent a second", "/s"),
        chart(history, "time_to_send_mean_ms", "From the 202 to the 250, mean", " ms"));
  }

  private static Map<String, Object> chart(
      Map<String, Object> history, String key, String title, String unit) {
    List<Double> values = new ArrayList<>();
    ((List<?>) history.getOrDefault(key, List.of())).forEach(v -> values.add((Double) v));
    double most = values.stream().mapToDouble(v -> v).max().orElse(0);
    StringBuilder points = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      double y = most == 0 ? 30 : 30 - 28 * values.get(i) / most;
      points.append(i).append(',').append(String.format(Locale.ROOT, "%.1f", y)).append(' ');
    }
    Map<String, Object> chart = new HashMap<>();
    chart.put("title", title);
    chart.put("points", points.toString().strip());
    chart.put("width", Math.max(1, values.size() - 1));
    chart.put("most", most + unit);
    chart.put("latest", (values.isEmpty() ? 0 : values.getLast()) + unit);
    return chart;
  }
}
