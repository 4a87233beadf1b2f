package lastcall.outbox;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import lastcall.background.BackgroundScope;
import lastcall.config.AppConfig;
import lastcall.config.DeliveryRate;
import lastcall.log.EventLog;
import lastcall.mail.Gate;
import lastcall.mail.Mailer;
import lastcall.shutdown.Deadline;
import lastcall.store.DatabaseException;
import lastcall.store.DueMail;
import lastcall.store.FirstClaims;
import lastcall.store.OutboxStore;
import lastcall.store.Pending;

/**
 * The outbox as the rest of the service sees it. It is started once, hears of sign-ups, and at the
 * stop is drained, cut and released, in this order.
 */
public final class Outbox implements FirstClaims {
  private static final EventLog LOG = EventLog.of(Outbox.class);

  /** How far rows are counted for the last line of the log. */
  private static final int CAP = 100_000;

  private final AppConfig.Drain mode;
  private final DeliveryRate rate;
  private final OutboxStore store;
  private final Mailer mailer;
  private final BackgroundScope background;
  private final DeliveryListener listener;
  final WakeUp wakeUp = new WakeUp(); // not private, so that a test can ask it
  private final Leases leases;
  private final Endings endings = new Endings();
  private final Gate gate;
  private final Dispatcher dispatcher;
  private final Drain drain;

  /**
   * @param background where the sends run; {@link #cut} closes it
   */
  public Outbox(
      AppConfig.Delivery config,
      AppConfig.Drain mode,
      OutboxStore store,
      Mailer mailer,
      BackgroundScope background,
      DeliveryListener given) {
    this.mode = mode;
    this.rate = config.rate();
    this.store = store;
    this.mailer = mailer;
    this.background = background;
    // A listener that throws can't end a thread of ours, or leave an e-mail in flight for ever.
    this.listener =
        event -> {
          try {
            given.on(event);
          } catch (RuntimeException e) {
            LOG.error(e, "listener failed");
          }
        };
    this.gate = new Gate(config.concurrency());
    this.leases = new Leases(store, config.lease(), wakeUp, listener);
    Backoff backoff =
        new Backoff(config.backoffInitial(), config.backoffMax(), RandomGenerator.getDefault());
    store.limits(backoff.longest(), rate);
    Delivery delivery =
        new Delivery(mailer, store, leases, gate, backoff, config, endings, wakeUp, listener);
    this.dispatcher = new Dispatcher(store, background, leases, gate, delivery, wakeUp, listener);
    this.drain = new Drain(dispatcher, store, background, leases, gate, endings, listener);
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

  /** A sign-up is committed. Never blocks; called on the request's thread. */
  public void signupStored() {
    listener.on(new DeliveryEvent.SignupStored());
  }

  /** With a rate none is claimed so: only a claim can ask for what is left of it. */
  @Override
  public boolean claim(String id, long asked) {
    return rate.isNone() && dispatcher.claimNew(id, asked);
  }

  @Override
  public void ended(DueMail mail, boolean stored) {
    dispatcher.newEnded(mail, stored);
  }

  /** How many e-mails are claimed here and have no committed result. */
  public int inFlight() {
    return leases.inFlight();
  }

  /** The stop has begun: sends that end from now on are in {@link StopCounts}. */
  public void countEndings() {
    endings.count();
  }

  /** Sends what it can until {@code deadline} − 1 s. Call it when sign-ups are closed. */
  public void drain(Deadline deadline) throws InterruptedException {
    Deadline end = deadline.minus(Duration.ofSeconds(1));
    dispatcher.stop(end.remaining());
    drain(mode, end, deadline);
  }

  void drain(AppConfig.Drain how, Deadline end, Deadline deadline) throws InterruptedException {
    wakeUp.stopping();
    drain.run(how, how == AppConfig.Drain.DUE ? rate : DeliveryRate.NONE, end, deadline);
  }

  boolean stopDispatching(Duration patience) throws InterruptedException {
    return dispatcher.stop(patience);
  }

  /** Ends the sends that still run, all of them by {@code deadline} − 0.25 s. */
  public void cut(Deadline deadline) throws InterruptedException {
    background.stop();
    gate.stop();
    mailer.cutUnsent();
    background.awaitIdle(deadline.minus(Duration.ofMillis(500)).remaining());
    mailer.cutAll(); // on platform threads the cancellation alone would not end a read
    background.close(Duration.ZERO);
  }

  /**
   * Waits until the results are committed, gives back what this process had claimed, and counts.
   * Call it when no send can go on; see {@link OutboxStore#release}.
   */
  public StopCounts release(Deadline until) throws InterruptedException {
    return release(mode, until.minus(Duration.ofMillis(200)), until.minus(Duration.ofMillis(100)));
  }

  /**
   * @param results until when it waits for results
   * @param end of all of it
   */
  StopCounts release(AppConfig.Drain how, Deadline results, Deadline end)
      throws InterruptedException {
    store.endAt(end);
    leases.awaitNone(results);
    leases.stop();
    Set<String> unknown = new HashSet<>(endings.unknown());
    // Their sends ignore every interrupt: how they end is unknown. The writer asks, since until its
    // turn an e-mail whose sign-up's commit takes long is among them, and then never begins.
    Set<String> running = ConcurrentHashMap.newKeySet();
    Supplier<Set<String>> live =
        () -> {
          running.addAll(leases.ids());
          return running;
        };
    try {
      int released = store.release(live);
      unknown.removeAll(running);
      Pending left = pending();
      return new StopCounts(
          endings.sent(),
          // In mode IN_FLIGHT, e-mails that are due and were not begun here are other instances'.
          how == AppConfig.Drain.DUE
              ? Math.max((int) left.due(), released)
              : released + endings.dueAtOnce(),
          (int) Math.max(0, left.later() - unknown.size() - running.size()),
          unknown.size(),
          running.size());
    } catch (DatabaseException e) { // all is kept in rows: no failure of the stop
      LOG.warn(e, "claims could not be given back, they wait for their lease or the next start");
      unknown.removeAll(live.get());
      return new StopCounts(endings.sent(), 0, 0, unknown.size(), Math.max(1, running.size()));
    }
  }

  private Pending pending() throws InterruptedException {
    try {
      return store.pending(drain.createdUntil(), CAP);
    } catch (DatabaseException e) {
      LOG.warn("what is left could not be counted, it is kept why=%s", e.getMessage());
      return new Pending(0, 0, 0);
    }
  }
}
