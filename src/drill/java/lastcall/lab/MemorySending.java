package lastcall.lab;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.Sending;
import lastcall.SendingParts;
import lastcall.config.AppConfig;
import lastcall.mail.Mailer;
import lastcall.mail.SendOutcome;
import lastcall.mail.WelcomeMail;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.outbox.Left;
import lastcall.shutdown.Deadline;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.SignupService;
import lastcall.signup.User;
import lastcall.store.DueMail;
import lastcall.store.Pending;

/**
 * The world without an outbox: the user is stored, the e-mail is a task in memory, started at once
 * and tried once. A {@link Strategy} says what becomes of such tasks at the stop.
 */
final class MemorySending implements Sending {
  /** Tasks at a time; one sign-up more is told 503. */
  static final int MOST = 100_000;

  private final SignupService signups;
  private final Mailer mailer;
  private final String domain;
  private final DeliveryListener listener;
  private final Strategy strategy;
  private final Semaphore free = new Semaphore(MOST);

  /** As many sends at a time as the outbox would have, or none of the rows compares. */
  private final Semaphore connections;

  private final AtomicInteger sending = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private volatile boolean counting;

  MemorySending(SendingParts parts) {
    AppConfig config = parts.config();
    int concurrency = config.delivery().concurrency();
    signups = parts.signups(parts.database().signupsWithoutMail(), () -> {});
    mailer = parts.mailer();
    domain = config.smtp().domain();
    listener = parts.listener();
    connections = new Semaphore(concurrency, true);
    strategy =
        switch (config.lab().strategy()) {
          case NONE -> new None();
          case SLEEP -> new Sleep();
          case CHANNELS -> new Channels(concurrency);
          case CLOSING_WAITGROUP -> new ClosingWaitGroup();
          case WAITGROUP -> new PlainWaitGroup();
          case EXECUTOR -> new Executor();
          case SCOPE -> new Scope();
        };
  }

  @Override
  public SignupOutcome signUp(SignupRequest request) {
    if (!free.tryAcquire()) { // before the user is stored, whose e-mail could go nowhere
      return new SignupOutcome.Unavailable("Too many e-mails wait.", Duration.ofSeconds(1));
    }
    SignupOutcome outcome = signups.signUp(request);
    boolean taken =
        outcome instanceof SignupOutcome.Accepted(User user) && strategy.submit(() -> run(user));
    if (!taken) {
      free.release();
    }
    return outcome;
  }

  private void run(User user) {
    // Its Message-ID follows from the user: an answer repeated for an Idempotency-Key sends again.
    DueMail mail = new DueMail(user.id() + "@" + domain, 1, user.email(), user.name());
    try {
      connections.acquire();
      sending.incrementAndGet();
      try {
        send(mail);
      } finally {
        sending.decrementAndGet();
        connections.release();
      }
    } catch (InterruptedException e) {
      listener.on(new DeliveryEvent.NotSent(mail, "interrupted"));
    } catch (RuntimeException | Error e) {
      listener.on(new DeliveryEvent.Failed(mail, e));
    } finally {
      free.release();
    }
  }

  /** Once: what fails is told, and lost. */
  private void send(DueMail mail) {
    listener.on(new DeliveryEvent.Began(mail));
    long began = System.nanoTime();
    WelcomeMail welcome = new WelcomeMail(mail.id(), mail.email(), mail.name());
    SendOutcome outcome = mailer.send(welcome, () -> true);
    if (counting) {
      sent.addAndGet(outcome instanceof SendOutcome.Sent ? 1 : 0);
      unknown.addAndGet(outcome instanceof SendOutcome.Unknown ? 1 : 0);
    }
    listener.on(
        switch (outcome) {
          case SendOutcome.Sent() ->
              new DeliveryEvent.Sent(mail, Duration.ofNanos(System.nanoTime() - began));
          case SendOutcome.Refused(var failure) -> new DeliveryEvent.Refused(mail, failure);
          case SendOutcome.Deferred(var failure) -> new DeliveryEvent.Refused(mail, failure);
          case SendOutcome.Unknown(var failure) ->
              new DeliveryEvent.Unknown(mail, failure, Duration.ZERO);
          case SendOutcome.ServerTrouble(var failure) -> new DeliveryEvent.Refused(mail, failure);
          case SendOutcome.NotSent(String why) -> new DeliveryEvent.NotSent(mail, why);
        });
  }

  private int pending() {
    return MOST - free.availablePermits();
  }

  @Override
  public void start(boolean afterAStop) {
    listener.on(new DeliveryEvent.Recovered("-", 0)); // there is nothing a kill could have left
  }

  @Override
  public void countEndings() {
    counting = true;
  }

  @Override
  public void drain(Deadline deadline) throws InterruptedException {
    int running = sending.get();
    listener.on(
        new DeliveryEvent.DrainBegan(
            new Pending(pending() - running, running, 0),
            Integer.MAX_VALUE,
            running,
            deadline.remaining()));
    strategy.stop(deadline);
  }

  /** A failure of the stop if the strategy left anything behind: nobody will ever send it. */
  @Override
  public void cut(Deadline deadline) {
    int left = pending();
    if (left > 0) {
      throw new IllegalStateException(left + " e-mails were in memory only: they are lost");
    }
  }

  @Override
  public Left release(Deadline until) {
    return new Left(sent.get(), 0, 0, unknown.get(), 0);
  }
}
