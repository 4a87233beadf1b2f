package lastcall.outbox;

import java.time.Duration;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.shutdown.Deadline;
import lastcall.store.DatabaseException;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;

/** The end of the work: what is due is sent, nothing is begun that could not end. */
final class Drain {
  /** Between two looks, when no send that ends tells us to look earlier. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private static final Duration PROGRESS = Duration.ofSeconds(1);

  /** What is claimed later than this is better left to the next start than cut off. */
  private static final Duration LAST_CLAIM = Duration.ofSeconds(1);

  /** How far rows are counted for a line of the log: in milliseconds, whatever is pending. */
  private static final int CAP = 10_000;

  private final Dispatcher dispatcher;
  private final OutboxStore store;
  private final BackgroundTasks background;
  private final Leases leases;
  private final Gate gate;
  private final Endings endings;
  private final DeliveryListener listener;
  private volatile long createdUntil = OutboxStore.ANY_AGE;

  Drain(
      Dispatcher dispatcher,
      OutboxStore store,
      BackgroundTasks background,
      Leases leases,
      Gate gate,
      Endings endings,
      DeliveryListener listener) {
    this.dispatcher = dispatcher;
    this.store = store;
    this.background = background;
    this.leases = leases;
    this.gate = gate;
    this.endings = endings;
    this.listener = listener;
  }

  /**
   * Call it after the dispatcher has ended and sign-ups are closed. In mode DUE it returns when a
   * claim found nothing, no result is uncommitted, and the next claim found nothing again; rows
   * created after its begin (another instance's) don't count, nor do retries due later. In mode
   * IN_FLIGHT it claims nothing and returns when what runs has ended. In both at {@code end}.
   *
   * @param deadline for the log only
   */
  void run(AppConfig.Drain mode, Deadline end, Deadline deadline) throws InterruptedException {
    Deadline begin = Deadline.in(Duration.ZERO);
    store.endAt(end);
    int doneBefore = endings.done();
    createdUntil = createdByNow();
    listener.on(
        new DeliveryEvent.DrainBegan(pending(), CAP, leases.inFlight(), deadline.remaining()));
    Deadline nextLine = begin.plus(PROGRESS);
    int emptyClaims = 0;
    while (emptyClaims < 2 && !end.passed()) {
      if (nextLine.passed()) {
        nextLine = nextLine.plus(PROGRESS);
        int done = endings.done() - doneBefore;
        listener.on(
            new DeliveryEvent.Draining(
                pending(), CAP, done, begin.elapsed(), deadline.remaining(), gate.closed()));
      }
      if (createdUntil == OutboxStore.ANY_AGE) {
        createdUntil = createdByNow();
      }
      boolean idle = leases.inFlight() == 0;
      if (mode == AppConfig.Drain.DUE && !end.minus(LAST_CLAIM).passed()) {
        boolean nothingLeft = claimedNothing(end) && idle && leases.inFlight() == 0;
        emptyClaims = nothingLeft ? emptyClaims + 1 : 0;
        if (emptyClaims == 1) {
          freeStrays();
        }
      } else if (idle) {
        return;
      }
      if (emptyClaims == 0) {
        pause(LOOK, end);
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
  private boolean claimedNothing(Deadline end) throws InterruptedException {
    Dispatcher.Round round = dispatcher.round(createdUntil);
    try {
      return round.looked() ? round.claimed() == 0 : !store.anyDue(leases.lease(), createdUntil);
    } catch (DatabaseException e) {
      pause(PROGRESS, end); // as the dispatcher: with a line of the log each
      return false; // something may be due: the deadline ends that
    }
  }

  private void pause(Duration longest, Deadline end) throws InterruptedException {
    Duration wait = end.orIn(longest).remaining();
    if (background.freeSlots() == 0) {
      background.awaitFreeSlot(wait);
    } else {
      dispatcher.await(wait);
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
