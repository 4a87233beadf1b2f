package lastcall.management;

import java.util.LinkedHashMap;
import java.util.Map;
import lastcall.outbox.DeliveryEvent;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/** What is left to send during the stop, for pages and JSON. */
final class DrainTree {
  private DrainTree() {}

  /** Whether what is due fits into the time that is left: null while nobody can say. */
  static Map<String, Object> of(
      DeliveryEvent.DrainBegan began, DeliveryEvent.@Nullable Draining now, Deadline cut) {
    Map<String, Object> tree = new LinkedHashMap<>();
    long pending = now == null ? began.pending().now() : now.pending().now();
    int cap = began.cap();
    double seconds = now == null ? 0 : now.elapsed().toMillis() / 1000.0;
    double rate = now == null || seconds == 0 ? 0 : now.done() / seconds;
    tree.put("pending", Math.min(pending, cap));
    tree.put("pending_is_more", pending >= cap);
    tree.put("later", now == null ? began.pending().later() : now.pending().later());
    tree.put("done", now == null ? 0 : now.done());
    tree.put("rate_per_s", (double) Math.round(rate * 10) / 10);
    tree.put("waits_for_mail_server", now != null && now.gateClosed());
    double needed = rate == 0 ? 0 : pending / rate;
    tree.put("needs_ms", rate == 0 ? null : (long) (needed * 1000));
    Boolean fits =
        pending == 0 ? Boolean.TRUE : rate == 0 ? null : fits(pending < cap, needed, cut);
    tree.put("fits", fits);
    return tree;
  }

  private static Boolean fits(boolean counted, double needed, Deadline cut) {
    return counted && needed * 1000 <= cut.remaining().toMillis();
  }
}
