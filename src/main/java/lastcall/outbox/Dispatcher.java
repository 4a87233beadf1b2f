package lastcall.outbox;

import java.time.Duration;
import lastcall.background.BackgroundTasks;
import lastcall.mail.Gate;
import lastcall.shutdown.Deadline;
import lastcall.store.Claim;
import lastcall.store.ClockStep;
import lastcall.store.DatabaseException;
import lastcall.store.DueMail;
import lastcall.store.OutboxStore;

/**
 * A thread that claims due e-mails, as many as there are free slots, and hands each to the
 * background scope. New e-mails, retries and e-mails of a dead owner all come out of the same
 * claim.
 *
 * <p>It claims after a wake-up, when the next e-mail is due, and once a second in any case: a
 * wake-up may get lost, a row may not.
 */
final class Dispatcher {
  /** More rows in one claim gain nothing (measured: 100 at a time are as fast as 500). */
  private static final int MOST = 100;

  private static final Duration POLL = Duration.ofSeconds(1);

  /** After trouble with the database, which then is tried, and logged, once a second. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /**
   * After a claim that found nothing although something is due: another instance has locked those
   * rows, and without a pause we would claim again and again until it is done.
   */
  private static final Duration LOCKED = Duration.ofMillis(50);

  /**
   * So long strays are looked for. A commit whose answer was lost with its connection may come to
   * PostgreSQL when the network works again, until it ends the idle transaction after 10 s.
   */
  private static final Duration LATE_COMMIT = Duration.ofSeconds(15);

  private final OutboxStore store;
  private final BackgroundTasks background;
  private final Leases leases;
  private final Gate gate;
  private final Delivery delivery;
  private final DeliveryListener listener;
  private final WakeUp wakeUp;
  private final Thread thread = Thread.ofVirtual().name("dispatcher").unstarted(this::dispatch);
  private volatile boolean stopped;
  private volatile long pausedUntil; // as the last claim found it
  private volatile Deadline limitedUntil = Deadline.in(Duration.ZERO); // by delivery.rate

  /**
   * Until then there may be strays, rows that are claimed by us and have no task: a claim that
   * failed may be committed all the same, and a task may not run for want of a thread.
   */
  private volatile Deadline noStraysFrom = Deadline.in(Duration.ZERO);

  /**
   * Without any trouble of ours there may be strays, too: results that were committed on a primary
   * and not passed on to the standby that took its place. So once in a lease we look.
   */
  private volatile Deadline strayLook;

  Dispatcher(
      OutboxStore store,
      BackgroundTasks background,
      Leases leases,
      Gate gate,
      Delivery delivery,
      WakeUp wakeUp,
      DeliveryListener listener) {
    this.store = store;
    this.background = background;
    this.leases = leases;
    this.strayLook = Deadline.in(leases.lease());
    this.gate = gate;
    this.delivery = delivery;
    this.wakeUp = wakeUp;
    this.listener = listener;
  }

  void start() {
    thread.start();
  }

  /**
   * Claims no more; what runs goes on.
   *
   * @return false if it was still busy with the database after {@code patience}
   */
  boolean stop(Duration patience) throws InterruptedException {
    stopped = true;
    wakeUp.signal();
    return thread.getState() == Thread.State.NEW || thread.join(patience);
  }

  private void dispatch() {
    try {
      while (!stopped) {
        try {
          if (background.awaitFreeSlot(POLL)) {
            Round round = round(OutboxStore.ANY_AGE);
            if (round.looked() && round.claimed() == 0 && round.untilNext().isZero()) {
              Thread.sleep(LOCKED);
            }
            await(round.untilNext());
          }
        } catch (RuntimeException e) { // a fault of ours must not end the only dispatcher
          listener.on(new DeliveryEvent.StoreTrouble("dispatch", e));
          await(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      listener.on(new DeliveryEvent.StoreTrouble("dispatcher ended", e)); // nobody interrupts it
    }
  }

  /**
   * @param looked false when no conclusion can be drawn from {@code claimed}: no claim was made,
   *     delivery.rate allowed no more, or the database's clock was set back meanwhile
   * @param claimed how many e-mails it took
   */
  record Round(boolean looked, int claimed, Duration untilNext) {}

  /** One claim, and the start of its sends. */
  Round round(long createdUntil) throws InterruptedException {
    Duration limited = limitedUntil.remaining();
    if (!limited.isZero()) {
      return new Round(false, 0, limited);
    }
    int permits = permits();
    if (permits == 0) {
      wakeUp.backlog(true); // from here on a send that ends wakes us
      permits = permits();
    }
    if (permits == 0) {
      // A send that ends frees a slot or opens the gate, and wakes us.
      Duration probe = gate.untilProbe();
      return new Round(false, 0, probe.isZero() ? POLL : probe);
    }
    boolean begun = false;
    try {
      boolean look = !noStraysFrom.passed() || strayLook.passed();
      if (look && giveBackStrays() > 0) {
        // If no thread can be had, e-mails would be claimed and given back without pause.
        return new Round(false, 0, PAUSE);
      }
      // Taken before the claim, so that by our clock the lease ends too early and never too late.
      long asked = System.nanoTime();
      Claim claim = store.claim(permits, leases.lease(), createdUntil);
      boolean wait = true;
      for (DueMail mail : claim.mails()) {
        wait = begin(mail, asked, wait);
      }
      begun = true;
      limitedUntil = Deadline.in(claim.rateWait());
      // While it is paused, new e-mails must not be claimed as they are stored.
      wakeUp.backlog(claim.untilNext().isZero() || claim.pausedUntil() > 0);
      if (claim.pausedUntil() != pausedUntil) {
        pausedUntil = claim.pausedUntil();
        listener.on(new DeliveryEvent.Paused(pausedUntil));
      }
      ClockStep step = claim.step();
      if (step == null) {
        return new Round(claim.rateWait().isZero(), claim.mails().size(), claim.untilNext());
      }
      listener.on(new DeliveryEvent.ClockSetBack(step));
      // The next claim finds the e-mails that are due now.
      return new Round(false, 0, Duration.ZERO);
    } catch (DatabaseException e) {
      listener.on(new DeliveryEvent.StoreTrouble("claim", e));
      return new Round(false, 0, PAUSE);
    } finally {
      if (!begun) {
        mayHaveStrays();
      }
    }
  }

  void tellPause() {
    if (pausedUntil > 0) {
      listener.on(new DeliveryEvent.Paused(pausedUntil));
    }
  }

  private int permits() {
    return Math.min(gate.permits(background.freeSlots()), MOST);
  }

  /**
   * Gives back the rows that are claimed by us and have no task. Only the thread that claims may
   * call it, between two claims: an e-mail that is claimed and not yet begun would look like a
   * stray.
   */
  int giveBackStrays() throws DatabaseException, InterruptedException {
    strayLook = Deadline.in(leases.lease());
    return store.giveBack(leases::ids);
  }

  /**
   * @param wait whether to wait for a slot
   * @return whether waiting for one makes sense for the next
   */
  private boolean begin(DueMail mail, long asked, boolean wait) throws InterruptedException {
    if (!leases.begin(mail.id(), asked)) {
      // Its last result was committed in the group of this claim, and its task is not yet
      // forgotten.
      mayHaveStrays();
      return true;
    }
    gate.begin(mail.id());
    listener.on(new DeliveryEvent.Claimed(mail));
    boolean taken = false;
    try {
      // A new e-mail may have taken the slot that was free before the claim.
      taken = submit(mail) || (wait && !stopped && background.awaitFreeSlot(POLL) && submit(mail));
    } finally {
      if (!taken) {
        lost(mail.id());
      }
    }
    return taken;
  }

  private boolean submit(DueMail mail) {
    return background.submit(() -> delivery.run(mail), () -> lost(mail.id()));
  }

  /** The task of this e-mail never ran, or threw where not even its result could be handed over. */
  private void lost(String id) {
    gate.neverSent(id);
    leases.end(id);
    mayHaveStrays(); // behind leases.end: giveBackStrays leaves out the ids that leases still knows
    wakeUp.due();
  }

  /**
   * Takes a slot for a new e-mail, unless others wait. Its lease is registered before its row is
   * committed: from then on the row would look like a stray.
   */
  boolean claimNew(String id, long asked) {
    if (leases.knows(id)) {
      return true; // its group has failed, and its sign-up is tried alone
    }
    if (wakeUp.backlog() || gate.permits(1) == 0 || !background.reserve()) {
      return false;
    }
    leases.begin(id, asked);
    gate.begin(id);
    return true;
  }

  /** The sign-up's transaction has ended, on the writer's thread. */
  void newEnded(DueMail mail, boolean stored) {
    String id = mail.id();
    if (!leases.knows(id)) {
      if (stored) {
        wakeUp.due();
      }
      return;
    }
    boolean taken = false;
    if (stored) {
      listener.on(new DeliveryEvent.Claimed(mail));
      taken = background.submitReserved(() -> delivery.run(mail), () -> lost(id));
    } else {
      background.unreserve();
    }
    if (!taken) {
      lost(id);
    }
  }

  private void mayHaveStrays() {
    noStraysFrom = Deadline.in(LATE_COMMIT);
  }

  /** Waits for a wake-up, at most {@code longest}, and not longer than the poll. */
  void await(Duration longest) throws InterruptedException {
    wakeUp.await(longest.compareTo(POLL) < 0 ? longest : POLL);
  }
}
