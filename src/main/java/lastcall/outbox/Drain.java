package lastcall.outbox;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.store.DatabaseException;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;

/** The end of the work: what is due is sent, nothing is begun that could not end. */
final class Drain {
  /** Between two looks, when no send that ends tells us to look earlier. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Dispatcher dispatcher;
  private final OutboxStore store;
  private final BackgroundTasks background;
  private final Leases leases;
  private final SendTimes times;
  private final DeliveryListener listener;
  private volatile long createdUntil = OutboxStore.ANY_AGE;

  Drain(
      Dispatcher dispatcher,
      OutboxStore store,
      BackgroundTasks background,
      Leases leases,
      SendTimes times,
      DeliveryListener listener) {
    this.dispatcher = dispatcher;
    this.store = store;
    this.background = background;
    this.leases = leases;
    this.times = times;
    this.listener = listener;
  }

  /**
   * Call it after the dispatcher has ended and sign-ups are closed. In mode DUE it returns when a
   * claim found nothing, no result is uncommitted, and the next claim found nothing again; rows
   * created after its begin (another instance's) don't count, nor do retries due later. In mode
   * IN_FLIGHT it claims nothing and returns when what runs has ended. In both at {@code left}.
   *
   * @param untilDeadline for the log only
   */
  void run(AppConfig.Drain mode, Duration left, Duration untilDeadline)
      throws InterruptedException {
    long began = System.nanoTime();
    store.endWithin(left);
    createdUntil = now();
    Pending atFirst = pending(createdUntil);
    listener.on(new DeliveryEvent.DrainBegan(atFirst, leases.inFlight(), untilDeadline));
    long nextLine = PROGRESS_NANOS;
    int nothing = 0;
    while (nothing < 2) {
      long elapsed = System.nanoTime() - began;
      long remaining = left.toNanos() - elapsed;
      if (remaining <= 0) {
        return;
      }
      if (elapsed >= nextLine) {
        nextLine += PROGRESS_NANOS;
        Duration sofar = Duration.ofNanos(elapsed);
        listener.on(
            new DeliveryEvent.Draining(
                atFirst, pending(createdUntil), sofar, untilDeadline.minus(sofar)));
      }
      if (createdUntil == OutboxStore.ANY_AGE) {
        createdUntil = now();
      }
      boolean idle = leases.inFlight() == 0;
      // What does not fit any more is better left to the next start than cut off.
      boolean fits = remaining > times.slowest().toNanos();
      if (mode == AppConfig.Drain.DUE && fits) {
        nothing = claimedNothing(createdUntil) && idle && leases.inFlight() == 0 ? nothing + 1 : 0;
        if (nothing == 1) {
          freeStrays();
        }
      } else if (idle) {
        return;
      }
      if (nothing == 0) {
        pause(Math.min(remaining, LOOK.toNanos()));
      }
    }
  }

  /** What of the rows created before the drain began is left; all rows, without a drain. */
  Pending left() throws DatabaseException, InterruptedException {
    return store.pending(createdUntil);
  }

  /** With nothing in flight, what is still ours is of a claim whose commit nobody heard of. */
  private void freeStrays() throws InterruptedException {
    try {
      store.release(Set.of());
    } catch (DatabaseException e) {
      listener.on(new DeliveryEvent.StoreTrouble("drain", e));
    }
  }

  /** True if there was nothing to claim; where the gate forbids a claim, a count tells. */
  private boolean claimedNothing(long createdUntil) throws InterruptedException {
    Dispatcher.Round round = dispatcher.round(createdUntil);
    return round.looked() ? round.claimed() == 0 : pending(createdUntil).due() == 0;
  }

  private void pause(long nanos) throws InterruptedException {
    Duration most = Duration.ofNanos(nanos);
    if (background.freeSlots() == 0) {
      background.awaitFreeSlot(most);
    } else {
      dispatcher.await(most);
    }
  }

  private long now() throws InterruptedException {
    try {
      return store.now();
    } catch (DatabaseException e) {
      return OutboxStore.ANY_AGE; // nothing can be claimed anyway until the database is back,
      // and then we ask again
    }
  }

  /** While the database can't tell, we take it that something is due: the deadline ends that. */
  private Pending pending(long createdUntil) throws InterruptedException {
    try {
      return store.pending(createdUntil);
    } catch (DatabaseException e) {
      return new Pending(1, leases.inFlight(), 0);
    }
  }
}
