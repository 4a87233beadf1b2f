package lastcall.management;

import java.util.LinkedHashMap;
import java.util.Map;
import lastcall.admin.InstanceRows;
import org.jspecify.annotations.Nullable;

/** How an earlier process ended, from the row that it has left. */
final class LastStop {
  private LastStop() {}

  static Map<String, Object> tree(InstanceRows.Row row) {
    Map<String, Object> tree = new LinkedHashMap<>();
    Integer status = row.status();
    tree.put("instance", row.id());
    tree.put("host", row.host());
    tree.put("pid", row.pid());
    tree.put("started_at", Times.instant(row.startedAt()));
    tree.put("seen_at", Times.instant(row.seenAt()));
    tree.put("signal", row.signal());
    tree.put("stopping_at", instant(row.stoppingAt()));
    tree.put("stopped_at", instant(row.stoppedAt()));
    tree.put("phase", row.phase());
    tree.put("status", status);
    tree.put("counts", row.counts());
    tree.put("text", text(row));
    tree.put("colour", status == null ? "bad" : status == 0 ? "good" : "wait");
    return tree;
  }

  private static @Nullable String instant(@Nullable Long millis) {
    return millis == null ? null : Times.instant(millis);
  }

  private static String text(InstanceRows.Row row) {
    String who = row.host() + " pid " + row.pid() + ", started " + Times.instant(row.startedAt());
    Long stopping = row.stoppingAt();
    Long stopped = row.stoppedAt();
    if (stopping == null) {
      return who + ": it was killed or crashed, without a stop. What it had claimed is sent again.";
    }
    String told = who + ": told to stop by " + row.signal() + " at " + Times.instant(stopping);
    if (stopped == null) {
      return told
          + "; it was killed or forced in the phase "
          + row.phase()
          + ". What it had claimed is sent again.";
    }
    String took = Times.words(stopped - stopping);
    return told + ", stopped after " + took + " with status " + row.status() + ": " + row.counts();
  }
}
