package lastcall.management;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastcall.admin.InstanceRows;
import org.jspecify.annotations.Nullable;

/** The processes on this database, for pages and JSON. */
final class InstanceTrees {
  /** One that was not seen for so long is gone: six heartbeats. */
  private static final Duration GONE = Duration.ofSeconds(30);

  private InstanceTrees() {}

  static List<Map<String, Object>> others(InstanceRows.Seen seen, String own) {
    List<Map<String, Object>> others = new ArrayList<>();
    for (InstanceRows.Row row : seen.rows()) {
      if (!row.id().equals(own) && alive(row, seen.now())) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("id", row.id());
        tree.put("host", row.host());
        tree.put("pid", row.pid());
        tree.put("version", row.version());
        tree.put("state", row.state());
        tree.put("stopping", row.state().equals("stopping"));
        tree.put("phase", row.phase() == null ? "" : row.phase());
        tree.put("started_at", Times.instant(row.startedAt()));
        tree.put("seen_ms", seen.now() - row.seenAt());
        others.add(tree);
      }
    }
    return others;
  }

  /**
   * @param shared whether another one may still run
   */
  static @Nullable Map<String, Object> lastStop(
      InstanceRows.Seen seen, String own, boolean shared) {
    return seen.rows().stream()
        .filter(row -> !row.id().equals(own) && !(shared && alive(row, seen.now())))
        .findFirst()
        .map(LastStop::tree)
        .orElse(null);
  }

  private static boolean alive(InstanceRows.Row row, long now) {
    return !row.state().equals("stopped") && now - row.seenAt() < GONE.toMillis();
  }
}
