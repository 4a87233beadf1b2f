package lastcall.outbox;

import java.time.Duration;
import lastcall.config.DeliveryRate;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.store.ClockStep;
import lastcall.store.DueMail;
import lastcall.store.Pending;
import lastcall.store.Result;

/** Everything that happens to e-mails, for the log, the crash points and the tests. */
public sealed interface DeliveryEvent {
  /** A sign-up is committed: its e-mail is due. Told on the request's thread, before the 202. */
  record SignupStored() implements DeliveryEvent {}

  /** Claims that other owners left behind are due again. The owner from now on is this one. */
  record Recovered(String owner, int mails) implements DeliveryEvent {}

  record Claimed(DueMail mail) implements DeliveryEvent {}

  /** The send begins. */
  record Began(DueMail mail) implements DeliveryEvent {}

  /** The try has ended, and the writer has its result. */
  record Ended(DueMail mail, SendOutcome outcome, Result result, Duration took)
      implements DeliveryEvent {}

  /**
   * The result is committed.
   *
   * @param owned false when another owner had taken the row over: then the result counts for
   *     nothing
   */
  record Recorded(DueMail mail, boolean owned) implements DeliveryEvent {}

  /** What the gate has learnt about the mail server. */
  record MailServer(Gate.Change change) implements DeliveryEvent {}

  /**
   * The outbox is paused, or no longer.
   *
   * @param until milliseconds since 1970; 0 if it goes on
   */
  record Paused(long until) implements DeliveryEvent {}

  /** E-mails that would have waited until the database's clock had caught up are due. */
  record ClockSetBack(ClockStep step) implements DeliveryEvent {}

  /** The database did not let us claim or extend. */
  record StoreTrouble(String doing, Throwable thrown) implements DeliveryEvent {}

  /**
   * @param rate what its claims keep to
   */
  record DrainBegan(Pending pending, int cap, int inFlight, Duration deadlineIn, DeliveryRate rate)
      implements DeliveryEvent {}

  /**
   * Once a second while the stop waits.
   *
   * @param done results since the drain began after which an e-mail was no longer pending
   * @param cap where the counts of what is pending end
   * @param gateClosed whether it waits for the mail server
   */
  record Draining(
      Pending pending, int cap, int done, Duration elapsed, Duration deadlineIn, boolean gateClosed)
      implements DeliveryEvent {}
}
