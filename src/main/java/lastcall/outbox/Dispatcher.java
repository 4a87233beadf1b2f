package lastcall.outbox;

import java.time.Duration;
import lastcall.background.BackgroundTasks;
import lastcall.store.Claim;
import lastcall.store.ClockStep;
import lastcall.store.DatabaseException;
import lastcall.store.DueMail;
import lastcall.store.OutboxStore;

/**
 * Claims what is due, as many as there are free slots, and hands each to the background scope. New
 * e-mails, retries and abandoned ones all come out of the same claim.
 *
 * <p>It looks after a wake-up, when the next e-mail is due, and once a second: a wake-up may get
 * lost, a row may not.
 */
final class Dispatcher {
  /** More rows in one claim gain nothing (measured: 100 at a time as fast as 500). */
  private static final int MOST = 100;

  private static final Duration POLL = Duration.ofSeconds(1);

  /** After trouble with the database: tried again every second, with a line in the log. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /**
   * After a claim that found nothing although something is due: another instance has it locked, and
   * would be asked without pause.
   */
  private static final Duration LOCKED = Duration.ofMillis(50);

  private final OutboxStore store;
  private final BackgroundTasks background;
  private final Leases leases;
  private final Gate gate;
  private final Delivery delivery;
  private final DeliveryListener listener;
  private final WakeUp wakeUp;
  private final Thread thread = Thread.ofVirtual().name("dispatcher").unstarted(this::dispatch);
  private volatile boolean stopped;

  /** Rows may be ours that have no task: a claim failed and was committed, or a task was lost. */
  private volatile boolean strays;

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
        } catch (RuntimeException e) { // a fault of ours: nobody else dispatches
          listener.on(new DeliveryEvent.StoreTrouble("dispatch", e));
          await(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      listener.on(new DeliveryEvent.StoreTrouble("dispatcher ended", e)); // nobody interrupts it
    }
  }

  /**
   * @param looked false when a claim that finds nothing means nothing: none was made, or the clock
   *     was set back in it
   * @param claimed how many e-mails it took
   */
  record Round(boolean looked, int claimed, Duration untilNext) {}

  /** One look at what is due, and the sends it gives. */
  Round round(long createdUntil) throws InterruptedException {
    int permits = Math.min(gate.permits(background.freeSlots()), MOST);
    if (permits == 0) {
      // What opens the gate has ended a send, and that wakes us.
      Duration probe = gate.untilProbe();
      return new Round(false, 0, probe.isZero() ? POLL : probe);
    }
    boolean begun = false;
    try {
      if (strays && freeStrays() > 0) {
        return new Round(false, 0, PAUSE); // where threads are short, not without pause
      }
      long asked = System.nanoTime(); // before the lease begins by the database's clock
      Claim claim = store.claim(permits, leases.lease(), createdUntil);
      gate.begin(claim.mails()); // before the first can have ended
      for (DueMail mail : claim.mails()) {
        begin(mail, asked);
      }
      begun = true;
      claim.dropped().forEach(id -> listener.on(new DeliveryEvent.UserGone(id)));
      ClockStep step = claim.step();
      if (step == null) {
        return new Round(true, claim.mails().size(), claim.untilNext());
      }
      listener.on(new DeliveryEvent.ClockSetBack(step));
      return new Round(false, 0, Duration.ZERO); // what is due by now, the next claim finds
    } catch (DatabaseException e) {
      listener.on(new DeliveryEvent.StoreTrouble("claim", e));
      return new Round(false, 0, PAUSE);
    } finally {
      if (!begun) { // then it may be committed all the same, and nobody works on it
        strays = true;
      }
    }
  }

  /**
   * Gives back the rows that are ours and have no task. Only who claims may call it, when it has no
   * claim under way: what is claimed and not yet begun would look like a stray.
   */
  int freeStrays() throws DatabaseException, InterruptedException {
    strays = false; // before the ids are read: a task that is lost meanwhile sets it again
    return store.giveBack(leases.ids());
  }

  private void begin(DueMail mail, long asked) {
    if (!leases.begin(mail.id(), asked)) {
      gate.neverSent(mail.id());
      return; // it has a live task here, whose result decides
    }
    listener.on(new DeliveryEvent.Claimed(mail));
    boolean taken = false;
    try {
      taken = background.submit(() -> delivery.run(mail), () -> lost(mail));
    } finally {
      if (!taken) {
        lost(mail);
      }
    }
  }

  private void lost(DueMail mail) {
    gate.neverSent(mail.id());
    leases.end(mail.id());
    strays = true; // only now, when it has no live id any more
  }

  /** Waits for a wake-up, at most {@code longest}, and not longer than the poll. */
  void await(Duration longest) throws InterruptedException {
    wakeUp.await(longest.compareTo(POLL) < 0 ? longest : POLL);
  }
}
