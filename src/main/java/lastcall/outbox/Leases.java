package lastcall.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lastcall.shutdown.Deadline;
import lastcall.store.DatabaseException;
import lastcall.store.OutboxStore;

/**
 * The e-mails in flight here: claimed, and their result not yet recorded. Every third of the lease
 * the heartbeat thread extends the leases of exactly these, until {@link #stop}.
 */
final class Leases {
  private final OutboxStore store;
  private final Duration lease;
  private final WakeUp wakeUp;
  private final DeliveryListener listener;

  /**
   * Message-ID → the nanoTime at which its lease was last asked for. That is before the database
   * granted it, so by our clock the lease ends too early and never too late.
   */
  private final Map<String, Long> extended = new ConcurrentHashMap<>();

  private final CountDownLatch stopped = new CountDownLatch(1);

  Leases(OutboxStore store, Duration lease, WakeUp wakeUp, DeliveryListener listener) {
    this.store = store;
    this.lease = lease;
    this.wakeUp = wakeUp;
    this.listener = listener;
  }

  /**
   * The heartbeat is a platform thread: virtual threads that block in native code keep the
   * carriers, and with none left for the heartbeat all leases would end.
   */
  void start() {
    Thread.ofPlatform().daemon().name("lease-heartbeat").start(this::beat);
  }

  /** Ends the heartbeat: call it when the last send has ended. */
  void stop() {
    stopped.countDown();
  }

  /** How many e-mails are in flight, results that wait for their commit included. */
  int inFlight() {
    return extended.size();
  }

  Duration lease() {
    return lease;
  }

  Set<String> ids() {
    return Set.copyOf(extended.keySet());
  }

  boolean knows(String id) {
    return extended.containsKey(id);
  }

  /** Returns false when this e-mail is in flight already: then its first task decides. */
  boolean begin(String id, long claimedAt) {
    return extended.putIfAbsent(id, claimedAt) == null;
  }

  void end(String id) {
    extended.remove(id);
    wakeUp.room(); // the dispatcher may wait for the gate, the drain for the last e-mail
  }

  /** Returns when nothing is in flight, or at the end. */
  void awaitNone(Deadline end) throws InterruptedException {
    wakeUp.stopping();
    while (!extended.isEmpty() && !end.passed()) {
      wakeUp.await(end.remaining());
    }
  }

  /** True while no other owner can have claimed it. */
  boolean held(String id) {
    Long since = extended.get(id);
    return since != null && System.nanoTime() - since < lease.toNanos();
  }

  private void beat() {
    try {
      while (!stopped.await(lease.toNanos() / 3, TimeUnit.NANOSECONDS)) {
        extend();
      }
    } catch (InterruptedException e) {
      listener.on(new DeliveryEvent.StoreTrouble("heartbeat ended", e)); // nobody interrupts it
    }
  }

  private void extend() throws InterruptedException {
    try {
      List<String> ids = List.copyOf(extended.keySet());
      if (ids.isEmpty()) {
        return;
      }
      long asked = System.nanoTime();
      for (String id : store.extend(ids, lease)) {
        extended.computeIfPresent(id, (key, before) -> asked);
      }
    } catch (DatabaseException | RuntimeException e) {
      // The leases age. Each send checks its own before DATA, and again before the final dot.
      listener.on(new DeliveryEvent.StoreTrouble("heartbeat", e));
    }
  }
}
