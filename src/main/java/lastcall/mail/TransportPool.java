package lastcall.mail;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connections kept between sends, at most {@code size}. No thread does I/O under the pool's lock,
 * so a slow server holds up no send but its own.
 */
final class TransportPool {
  static final int MAX_MESSAGES = 100; // below the limit of usual servers, which would answer 421
  private final int size;
  private final long maxIdleNanos;
  private final ScheduledExecutorService timer;
  private final Deque<PhaseTrackingTransport> idle = new ArrayDeque<>(); // last used comes first
  private @Nullable ScheduledFuture<?> sweep; // null while no sweep is scheduled
  private boolean closed;

  /**
   * @param maxIdle how long an unused connection is kept; servers give up after minutes
   */
  TransportPool(int size, Duration maxIdle, ScheduledExecutorService timer) {
    this.size = size;
    this.maxIdleNanos = maxIdle.toNanos();
    this.timer = timer;
  }

  /**
   * Takes the connection that was used last, so that those above the need stay idle and expire.
   *
   * @return null if none is idle
   */
  @Nullable PhaseTrackingTransport take() {
    closeExpired();
    synchronized (this) {
      return idle.pollFirst();
    }
  }

  /** Keeps the connection. Ends it after MAX_MESSAGES, or if {@code size} of them are idle. */
  void give(PhaseTrackingTransport transport) {
    boolean kept = false;
    try {
      kept = keep(transport);
    } finally { // keep() throws where there is no memory for the timer's thread
      if (!kept) {
        transport.quit();
      }
    }
  }

  private synchronized boolean keep(PhaseTrackingTransport transport) {
    if (closed || idle.size() >= size || transport.messages() >= MAX_MESSAGES) {
      return false;
    }
    scheduleSweep();
    transport.idleSince(System.nanoTime());
    idle.addFirst(transport);
    return true;
  }

  private void scheduleSweep() {
    if (sweep == null) {
      sweep = timer.schedule(this::sweep, maxIdleNanos, TimeUnit.NANOSECONDS);
    }
  }

  private void sweep() {
    closeExpired();
    synchronized (this) {
      sweep = null;
      if (!idle.isEmpty()) {
        scheduleSweep();
      }
    }
  }

  private void closeExpired() {
    List<PhaseTrackingTransport> expired = new ArrayList<>(0);
    synchronized (this) {
      long now = System.nanoTime();
      PhaseTrackingTransport oldest = idle.peekLast();
      while (oldest != null && now - oldest.idleSince() >= maxIdleNanos) {
        expired.add(idle.removeLast());
        oldest = idle.peekLast();
      }
    }
    expired.forEach(PhaseTrackingTransport::quit);
  }

  /** Ends the idle connections. Those in use are ended when they are given back. */
  void close() {
    List<PhaseTrackingTransport> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(idle);
      idle.clear();
    }
    all.forEach(PhaseTrackingTransport::quit);
  }
}
