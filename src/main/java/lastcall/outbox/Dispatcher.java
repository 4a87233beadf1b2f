package lastcall.outbox;

import java.time.Duration;
import lastcall.background.BackgroundTasks;
import lastcall.store.Claim;
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

  private final OutboxStore store;
  private final BackgroundTasks background;
  private final Leases leases;
  private final Gate gate;
  private final Delivery delivery;
  private final DeliveryListener listener;
  private final WakeUp wakeUp;
  private final Thread thread = Thread.ofVirtual().name("dispatcher").unstarted(this::dispatch);
  private volatile boolean stopped;

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
            await(round(OutboxStore.ANY_AGE).untilNext());
          }
        } catch (RuntimeException | Error e) { // no memory for a moment: nobody else dispatches
          listener.on(new DeliveryEvent.StoreTrouble("dispatch", e));
          await(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      listener.on(new DeliveryEvent.StoreTrouble("dispatcher ended", e)); // nobody interrupts it
    }
  }

  /**
   * @param looked false when no claim was made: no slot free, or the gate is closed
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
    long asked = System.nanoTime(); // before the lease begins by the database's clock
    try {
      Claim claim = store.claim(permits, leases.lease(), createdUntil);
      gate.begin(claim.mails()); // before the first can have ended
      for (DueMail mail : claim.mails()) {
        begin(mail, asked);
      }
      return new Round(true, claim.mails().size(), claim.untilNext());
    } catch (DatabaseException e) {
      listener.on(new DeliveryEvent.StoreTrouble("claim", e));
      return new Round(false, 0, PAUSE);
    }
  }

  private void begin(DueMail mail, long asked) {
    if (!leases.begin(mail.id(), asked)) {
      gate.ended(mail.id());
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
    gate.ended(mail.id());
    leases.end(mail.id()); // the release at the stop gives it back, or else the lease's end
  }

  /** Waits for a wake-up, at most {@code longest}, and not longer than the poll. */
  void await(Duration longest) throws InterruptedException {
    wakeUp.await(longest.compareTo(POLL) < 0 ? longest : POLL);
  }
}
