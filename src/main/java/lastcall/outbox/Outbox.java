package lastcall.outbox;

import java.time.Duration;
import java.util.Set;
import java.util.random.RandomGenerator;
import lastcall.background.BackgroundTasks;
import lastcall.config.AppConfig;
import lastcall.mail.Mailer;
import lastcall.store.DatabaseException;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;

/** The outbox as the rest sees it: started once, woken often, drained and released at the stop. */
public final class Outbox {
  private static final System.Logger LOG = System.getLogger(Outbox.class.getName());

  private final OutboxStore store;
  private final DeliveryListener listener;
  private final WakeUp wakeUp = new WakeUp();
  private final Leases leases;
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
          } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "listener failed", "error", e);
          }
        };
    this.leases = new Leases(store, config.lease(), wakeUp, listener);
    Backoff backoff =
        new Backoff(config.backoffInitial(), config.backoffMax(), RandomGenerator.getDefault());
    Gate gate = new Gate(listener);
    SendTimes times = new SendTimes();
    Delivery delivery =
        new Delivery(mailer, store, leases, gate, backoff, config.maxAttempts(), times, listener);
    this.dispatcher = new Dispatcher(store, background, leases, gate, delivery, wakeUp, listener);
    this.drain = new Drain(dispatcher, store, background, leases, times, listener);
  }

  /** Frees what a killed process had claimed, then begins to send. */
  public void start() throws DatabaseException, InterruptedException {
    listener.on(new DeliveryEvent.Recovered(store.owner(), store.recover()));
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
   * Waits until every result that was handed over is committed.
   *
   * @return how many are not, after {@code patience}
   */
  public int flush(Duration patience) throws InterruptedException {
    return leases.awaitNone(patience);
  }

  /**
   * Ends the heartbeat and gives back what this process had claimed; see {@link
   * OutboxStore#release}.
   *
   * @param patience for this and the count of what is left
   * @return how many rows were due again at once
   */
  public int release(Duration patience) throws DatabaseException, InterruptedException {
    store.endWithin(patience);
    Set<String> unknown = leases.ids(); // tasks that are still out: nobody knows how they end
    leases.stop();
    return store.release(unknown);
  }

  /** Counts what is not yet sent; after a drain, of the rows that were there when it began. */
  public Pending pending() throws DatabaseException, InterruptedException {
    return drain.left();
  }
}
