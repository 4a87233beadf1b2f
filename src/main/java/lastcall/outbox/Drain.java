package lastcall.outbox;

import java.time.Duration;
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

  /** What is claimed later than this is better left to the next start than cut off. */
  private static final long LAST_CLAIM_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How far rows are counted for a line of the log: in milliseconds, whatever is pending. */
  private static final int CAP = 10_000;

  private final Dispatcher dispatcher;
  private final OutboxStore store;
  private final BackgroundTasks background;
  private final Leases leases;
  private final Endings endings;
  private final DeliveryListener listener;
  private volatile long createdUntil = OutboxStore.ANY_AGE;

  Drain(
      Dispatcher dispatcher,
      OutboxStore store,
      BackgroundTasks background,
      Leases leases,
      Endings endings,
      DeliveryListener listener) {
    this.dispatcher = dispatcher;
    this.store = store;
    this.background = background;
    this.leases = leases;
    this.endings = endings;
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
    int doneBefore = endings.done();
    createdUntil = createdByNow();
    listener.on(new DeliveryEvent.DrainBegan(pending(), CAP, leases.inFlight(), untilDeadline));
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
        int done = endings.done() - doneBefore;
        listener.on(
            new DeliveryEvent.Draining(pending(), CAP, done, sofar, untilDeadline.minus(sofar)));
      }
      if (createdUntil == OutboxStore.ANY_AGE) {
        createdUntil = createdByNow();
      }
      boolean idle = leases.inFlight() == 0;
      if (mode == AppConfig.Drain.DUE && remaining > LAST_CLAIM_NANOS) {
        nothing = claimedNothing(remaining) && idle && leases.inFlight() == 0 ? nothing + 1 : 0;
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

  /** The rows that count for the drain: all of them, without one. */
  long createdUntil() {
    return createdUntil;
  }

  /** With nothing in flight, what is still ours is of a claim whose commit nobody heard of. */
  private void freeStrays() throws InterruptedException {
    try {
      dispatcher.freeStrays();
    } catch (DatabaseException e) {
      listener.on(new DeliveryEvent.StoreTrouble("drain", e));
    }
  }

  /** True if there was nothing to claim; where no claim is made, the database is asked. */
  private boolean claimedNothing(long remaining) throws InterruptedException {
    Dispatcher.Round round = dispatcher.round(createdUntil);
    try {
      return round.looked() ? round.claimed() == 0 : !store.anyDue(leases.lease(), createdUntil);
    } catch (DatabaseException e) {
      pause(Math.min(remaining, PROGRESS_NANOS)); // as the dispatcher: with a line of the log each
      return false; // something may be due: the deadline ends that
    }
  }

  private void pause(long nanos) throws InterruptedException {
    Duration most = Duration.ofNanos(nanos);
    if (background.freeSlots() == 0) {
      background.awaitFreeSlot(most);
    } else {
      dispatcher.await(most);
    }
  }

  private long createdByNow() throws InterruptedException {
    try {
      return store.createdByNow();
    } catch (DatabaseException e) {
      return OutboxStore.ANY_AGE; // nothing can be claimed anyway until the database is back,
      // and then we ask again
    }
  }

  /** For the log. */
  private Pending pending() throws InterruptedException {
    try {
      return store.pending(createdUntil, CAP);
    } catch (DatabaseException e) {
      return new Pending(0, leases.inFlight(), 0); // what is known without the database
    }
  }
}
