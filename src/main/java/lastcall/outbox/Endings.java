package lastcall.outbox;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.mail.SendOutcome;
import lastcall.store.Result;

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

  void add(String id, Result result, SendOutcome outcome) {
    if (!counting) {
      return;
    }
    dueAtOnce.remove(id);
    unknown.remove(id);
    boolean due = result.state() == Result.State.DUE;
    if (due && result.dueIn().isZero()) {
      dueAtOnce.add(id);
      return; // it is still pending
    }
    if (due && outcome instanceof SendOutcome.Unknown) {
      unknown.add(id);
    }
    if (result.state() == Result.State.SENT) {
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

  /** Not sent, through no fault of theirs: cut, or the server was in trouble. */
  int dueAtOnce() {
    return dueAtOnce.size();
  }

  Set<String> unknown() {
    return Set.copyOf(unknown);
  }
}
