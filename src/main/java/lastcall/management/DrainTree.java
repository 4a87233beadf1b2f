package lastcall.management;

import java.util.LinkedHashMap;
import java.util.Map;
import lastcall.outbox.DeliveryEvent;
import lastcall.shutdown.Deadline;
import lastcall.store.Pending;
import org.jspecify.annotations.Nullable;

/** What is left to send during the stop, for pages and JSON. */
final class DrainTree {
  private DrainTree() {}

  /** Whether what is due fits into the time that is left: null while nobody can say. */
  static Map<String, Object> of(
      DeliveryEvent.DrainBegan began, DeliveryEvent.@Nullable Draining now, Deadline cut) {
    Map<String, Object> tree = new LinkedHashMap<>();
    Pending left = now == null ? began.pending() : now.pending();
    long pending = left.now();
    int cap = began.cap();
    int done = now == null ? 0 : now.done();
    double perSecond = done == 0 || now == null ? 0 : done * 1000.0 / now.elapsed().toMillis();
    double measured = perSecond > 0 ? pending / perSecond : 0;
    double needed = Math.max(measured, left.due() / began.rate().perSecond());
    boolean known = done > 0 || pending == 0;
    boolean late = needed * 1000 > cut.remaining().toMillis() || (pending >= cap && known);
    tree.put("pending", Math.min(pending, cap));
    tree.put("pending_is_more", pending >= cap);
    tree.put("later", left.later());
    tree.put("done", done);
    tree.put("rate_per_s", (double) Math.round(perSecond * 10) / 10);
    tree.put("rate_limit", began.rate().toString());
    tree.put("waits_for_mail_server", now != null && now.gateClosed());
    tree.put("needs_ms", needed == 0 ? null : (long) (needed * 1000));
    tree.put("fits", late ? Boolean.FALSE : known ? Boolean.TRUE : null);
    return tree;
  }
}
