package lastcall.outbox;

import java.time.Duration;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.mail.Gate;
import lastcall.shutdown.Deadline;
import lastcall.store.DatabaseException;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;

/**
 * The phase of the stop in which due e-mails are still sent, and none is claimed that would most
 * likely be cut.
 */
final class Drain {
  /** The longest pause between two claims. A send that ends makes it shorter. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** Between two lines of the log. */
  private static final Duration PROGRESS = Duration.ofSeconds(1);

  /** No claim is made in the last second: its sends would most likely be cut. */
  private static final Duration LAST_CLAIM = Duration.ofSeconds(1);

  /** Counting ends here, so that a line of the log takes milliseconds whatever is pending. */
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
   * Call it after the dispatcher has ended and sign-ups are closed. It returns at {@code end} at
   * the latest. In mode DUE it returns when a claim found nothing, no result is uncommitted, and
   * the next claim found nothing again. Rows created after its begin (by another instance) don't
   * count, nor do retries that are due later. In mode IN_FLIGHT it claims nothing, and returns when
   * the sends that run have ended.
   *
   * @param rate for the log only, as the deadline: what claims keep to
   */
  void run(AppConfig.Drain mode, DeliveryRate rate, Deadline end, Deadline deadline)
      throws InterruptedException {
    Deadline begin = Deadline.in(Duration.ZERO);
    store.endAt(end);
    int doneBefore = endings.done();
    createdUntil = createdByNow();
    listener.on(
        new DeliveryEvent.DrainBegan(
            pending(), CAP, leases.inFlight(), deadline.remaining(), rate));
    dispatcher.tellPause(); // once more: what waits for its end is left behind
    Deadline nextLine = begin.plus(PROGRESS);
    int emptyClaims = 0;
    while (emptyClaims < 2 && !end.passed()) {
      if (nextLine.passed()) {
        nextLine = nextLine.plus(PROGRESS);
        int done = endings.done() - doneBefore;
        boolean waits = mode == AppConfig.Drain.DUE && gate.closed();
        listener.on(
            new DeliveryEvent.Draining(
                pending(), CAP, done, begin.elapsed(), deadline.remaining(), waits));
      }
      if (createdUntil == OutboxStore.ANY_AGE) {
        createdUntil = createdByNow();
      }
      boolean idle = leases.inFlight() == 0;
      if (mode == AppConfig.Drain.DUE && !end.minus(LAST_CLAIM).passed()) {
        boolean nothingLeft = claimedNothing(end) && idle && leases.inFlight() == 0;
        emptyClaims = nothingLeft ? emptyClaims + 1 : 0;
        if (emptyClaims == 1) {
          giveBackStrays();
        }
      } else if (idle) {
        return;
      }
      if (emptyClaims == 0) {
        pause(LOOK, end);
      }
    }
  }

  /**
   * Rows created later don't count for the drain; {@link OutboxStore#ANY_AGE} if there was none.
   */
  long createdUntil() {
    return createdUntil;
  }

  /** With nothing in flight, a row that is still ours comes from a claim that seemed to fail. */
  private void giveBackStrays() throws InterruptedException {
    try {
      dispatcher.giveBackStrays();
    } catch (DatabaseException e) {
      listener.on(new DeliveryEvent.StoreTrouble("drain", e));
    }
  }

  /** True if nothing was due. Where the gate let no claim be made, the database is asked. */
  private boolean claimedNothing(Deadline end) throws InterruptedException {
    Dispatcher.Round round = dispatcher.round(createdUntil);
    try {
      return round.looked() ? round.claimed() == 0 : !store.anyDue(leases.lease(), createdUntil);
    } catch (DatabaseException e) {
      pause(PROGRESS, end); // each try has a line in the log
      return false; // something may be due; the end of the drain bounds this
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
      // Nothing is claimed until the database is back, and is asked again.
      return OutboxStore.ANY_AGE;
    }
  }

  /** For the log; what is known without the database if it does not answer. */
  private Pending pending() throws InterruptedException {
    try {
      return store.pending(createdUntil, CAP);
    } catch (DatabaseException e) {
      return new Pending(0, leases.inFlight(), 0);
    }
  }
}
