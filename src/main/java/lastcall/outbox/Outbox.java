package lastcall.outbox;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.mail.Mailer;
import lastcall.store.DatabaseException;
import lastcall.store.Kept;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;

/** The outbox as the rest sees it: started once, woken often, drained and released at the stop. */
public final class Outbox {
  private static final System.Logger LOG = System.getLogger(Outbox.class.getName());

  /** How far rows are counted for the last line of the log. */
  private static final int CAP = 100_000;

  private final OutboxStore store;
  private final DeliveryListener listener;
  private final WakeUp wakeUp = new WakeUp();
  private final Leases leases;
  private final Endings endings = new Endings();
  private final Dispatcher dispatcher;
  private final Drain drain;

  public Outbox(
      AppConfig.Delivery config,
      OutboxStore store,
      Mailer mailer,
      BackgroundTasks background,
      DeliveryListener told) {
    this.store = store;
    // Who only listens can't end a thread of ours, or leave an e-mail in flight for ever.
    this.listener =
        event -> {
          try {
            told.on(event);
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "listener failed", "error", e);
          }
        };
    this.leases = new Leases(store, config.lease(), wakeUp, listener);
    Backoff backoff =
        new Backoff(config.backoffInitial(), config.backoffMax(), RandomGenerator.getDefault());
    store.longestWait(backoff.longest());
    Gate gate = new Gate();
    Delivery delivery =
        new Delivery(mailer, store, leases, gate, backoff, config.maxAttempts(), endings, listener);
    this.dispatcher = new Dispatcher(store, background, leases, gate, delivery, wakeUp, listener);
    this.drain = new Drain(dispatcher, store, background, leases, endings, listener);
  }

  /**
   * Frees what an earlier process had claimed, then begins to send.
   *
   * @param afterAStop see {@link OutboxStore#recover}
   */
  public void start(boolean afterAStop) throws DatabaseException, InterruptedException {
    listener.on(new DeliveryEvent.Recovered(store.owner(), store.recover(afterAStop)));
    leases.start();
    dispatcher.start();
  }

  /** Something may be due. Never blocks. */
  public void wake() {
    wakeUp.signal();
  }

  /** How many e-mails are claimed here and have no committed result. */
  public int inFlight() {
    return leases.inFlight();
  }

  /** The stop has begun: what ends from now on is in {@link Left}. */
  public void countEndings() {
    endings.count();
  }

  /**
   * Ends the dispatcher; what runs goes on. Never started is stopped.
   *
   * @return false if it was still busy with the database after {@code patience}
   */
  public boolean stopDispatching(Duration patience) throws InterruptedException {
    return dispatcher.stop(patience);
  }

  /** See {@link Drain#run}. */
  public void drain(AppConfig.Drain mode, Duration left, Duration untilDeadline)
      throws InterruptedException {
    drain.run(mode, left, untilDeadline);
  }

  /**
   * Waits until the results are committed, gives back what this process had claimed, and counts.
   * Call it when no send can go on; see {@link OutboxStore#release}.
   *
   * @param mode what counts as left for the next start: all that is due, or what was begun here
   * @param patience for the results
   * @param more for all of it, from now
   */
  public Left release(AppConfig.Drain mode, Duration patience, Duration more)
      throws InterruptedException {
    store.endWithin(more);
    leases.awaitNone(patience);
    Set<String> running = leases.ids(); // nobody knows how these end
    leases.stop();
    Set<String> unknown = new HashSet<>(endings.unknown());
    unknown.removeAll(running);
    try {
      Kept kept = store.release(running, drain.createdUntil(), CAP);
      Pending left = kept.pending();
      int begun = kept.givenBack() + endings.dueAtOnce();
      return new Left(
          endings.sent(),
          // Where others go on, what is due and was not begun here is theirs.
          mode == AppConfig.Drain.DUE ? Math.max((int) left.due(), kept.givenBack()) : begun,
          (int) Math.max(0, left.later() - unknown.size() - running.size()),
          unknown.size(),
          running.size());
    } catch (DatabaseException e) { // all is kept in rows: no failure of the stop
      LOG.log(
          System.Logger.Level.WARNING,
          "what is left waits for its lease, or for the next start",
          "error",
          e);
      return new Left(endings.sent(), 0, 0, unknown.size(), Math.max(1, running.size()));
    }
  }
}
