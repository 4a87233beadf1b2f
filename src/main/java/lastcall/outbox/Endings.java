package lastcall.outbox;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.store.Verdict;

/**
 * How the e-mails that were handled since the stop began ended last: an e-mail that was unknown and
 * sent later in the same stop counts as sent. Written by the database's writer, after the commit.
 */
final class Endings {
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private final Set<String> dueAtOnce = ConcurrentHashMap.newKeySet();
  private final Set<String> unknown = ConcurrentHashMap.newKeySet();
  private volatile boolean counting;

  /** The stop has begun. Before that nothing is kept, so that an outage of days costs no memory. */
  void count() {
    counting = true;
  }

  /**
   * @param unanswered the final dot went out and no answer came
   */
  void add(String id, Verdict verdict, boolean unanswered) {
    if (!counting) {
      return;
    }
    dueAtOnce.remove(id);
    unknown.remove(id);
    if (verdict instanceof Verdict.Again(Duration delay, boolean counted, String why)) {
      if (delay.isZero()) {
        dueAtOnce.add(id);
        return; // it is still pending
      }
      if (unanswered) {
        unknown.add(id);
      }
    } else if (verdict instanceof Verdict.Sent) {
      sent.incrementAndGet();
    }
    done.incrementAndGet();
  }

  int sent() {
    return sent.get();
  }

  /** Results after which the e-mail was no longer pending: sent, given up, or due later. */
  int done() {
    return done.get();
  }

  /** Not sent, through no fault of theirs: cut off, or the server was in trouble. */
  int dueAtOnce() {
    return dueAtOnce.size();
  }

  Set<String> unknown() {
    return Set.copyOf(unknown);
  }
}
