package lastcall.lab;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.kinds.MailKinds;
import lastcall.log.EventLog;
import lastcall.mail.Mailer;
import lastcall.mail.OutgoingMail;
import lastcall.mail.SendOutcome;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;

/** Each sign-up's e-mail is a task in memory, handed to the strategy at once and tried once. */
final class MemoryTasks {
  /** Tasks at a time; one sign-up more is told 503. */
  static final int MOST = 100_000;

  private static final EventLog LOG = EventLog.of(MemoryTasks.class);

  private final PasswordHasher hasher;
  private final UserTable users;
  private final Mailer mailer;
  private final String domain;
  private final Strategy strategy;
  private final Semaphore free = new Semaphore(MOST);

  /**
   * As many sends at a time as the outbox would have, or the drill's rows could not be compared.
   */
  private final Semaphore connections;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private volatile boolean counting;

  MemoryTasks(
      PasswordHasher hasher,
      UserTable users,
      Mailer mailer,
      String domain,
      int concurrency,
      Strategy strategy) {
    this.hasher = hasher;
    this.users = users;
    this.mailer = mailer;
    this.domain = domain;
    this.strategy = strategy;
    this.connections = new Semaphore(concurrency, true);
  }

  SignupOutcome signUp(SignupRequest request) {
    if (!free.tryAcquire()) { // before the user is stored, whose e-mail could go nowhere
      return new SignupOutcome.Unavailable("Too many e-mails wait.", Duration.ofSeconds(1));
    }
    boolean taken = false;
    try {
      SignupOutcome outcome = store(request);
      taken =
          outcome instanceof SignupOutcome.Accepted(User user) && strategy.submit(() -> run(user));
      return outcome;
    } finally {
      if (!taken) {
        free.release();
      }
    }
  }

  private SignupOutcome store(SignupRequest request) {
    try {
      return switch (hasher.hash(request.password(), null)) {
        case PasswordHasher.Hash(String phc) -> users.insert(request, phc);
        case PasswordHasher.Busy busy -> SignupOutcome.Unavailable.busy(busy);
        case PasswordHasher.Stopping() -> new SignupOutcome.Stopping();
      };
    } catch (SQLException | InterruptedException e) {
      LOG.error(e, "sign-up not stored");
      return new SignupOutcome.Unavailable("Not stored.", Duration.ofSeconds(1));
    }
  }

  private void run(User user) {
    // Its Message-ID follows from the user: an answer repeated for an Idempotency-Key sends again.
    String id = user.id() + "@" + domain;
    try {
      connections.acquire();
      inFlight.incrementAndGet();
      try {
        // Once: what fails is logged, and lost.
        SendOutcome outcome =
            mailer.send(
                new OutgoingMail(id, MailKinds.WELCOME.name(), user.email(), user.name()),
                () -> true);
        if (counting) {
          sent.addAndGet(outcome instanceof SendOutcome.Sent ? 1 : 0);
          unknown.addAndGet(outcome instanceof SendOutcome.Unknown ? 1 : 0);
        }
        LOG.info("send ended id=%s outcome=%s", id, outcome.getClass().getSimpleName());
      } finally {
        inFlight.decrementAndGet();
        connections.release();
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      LOG.error(e, "sending failed id=%s", id);
    } finally {
      free.release();
    }
  }

  /** The stop has begun: sends that end from now on are counted. */
  void countEndings() {
    counting = true;
  }

  int pending() {
    return MOST - free.availablePermits();
  }

  int inFlight() {
    return inFlight.get();
  }

  int sent() {
    return sent.get();
  }

  int unknown() {
    return unknown.get();
  }
}
