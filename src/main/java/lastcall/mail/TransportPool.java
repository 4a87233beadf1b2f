package lastcall.mail;

import jakarta.mail.MessagingException;
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
 * Connections kept between sends, at most {@code size}. Nothing is sent or received under its lock:
 * a slow server holds up its own send only.
 */
final class TransportPool {
  static final int MAX_MESSAGES = 100; // servers cap it as well; ours is not to be the surprise
  private final int size;
  private final long maxIdleNanos;
  private final ScheduledExecutorService timer;
  private final Deque<PhaseTrackingTransport> idle = new ArrayDeque<>(); // the last used in front
  private @Nullable ScheduledFuture<?> sweep; // while one is due
  private boolean closed;

  /**
   * @param maxIdle how long an unused connection is kept; servers give up after minutes
   */
  TransportPool(int size, Duration maxIdle, ScheduledExecutorService timer) {
    this.size = size;
    this.maxIdleNanos = maxIdle.toNanos();
    this.timer = timer;
  }

  /** The connection used last, since the others may then grow old and go; null if there is none. */
  @Nullable PhaseTrackingTransport take() {
    closeExpired();
    synchronized (this) {
      return idle.pollFirst();
    }
  }

  /** Keeps the connection, or ends it where it has done enough or is one too many. */
  void give(PhaseTrackingTransport transport) {
    boolean kept = false;
    try {
      kept = keep(transport);
    } finally { // also where the sweep can't be scheduled, for want of memory for its thread
      if (!kept) {
        quit(transport);
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
    expired.forEach(TransportPool::quit);
  }

  /** Ends the idle connections; those given later are ended then. */
  void close() {
    List<PhaseTrackingTransport> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(idle);
      idle.clear();
    }
    all.forEach(TransportPool::quit);
  }

  /** A polite end. It waits for nothing: quitwait is off, and an idle socket's buffer is empty. */
  private static void quit(PhaseTrackingTransport transport) {
    try {
      transport.close();
    } catch (MessagingException | RuntimeException e) {
      // The server was faster; the connection is gone in any case, and others wait for their end.
    } finally {
      transport.drop();
    }
  }
}
