package lastcall.outbox;

import java.time.Duration;
import lastcall.mail.SmtpFailure;
import lastcall.store.ClockStep;
import lastcall.store.DueMail;
import lastcall.store.Pending;

/** Everything that happens to e-mails, for the log, the metrics and the tests. */
public sealed interface DeliveryEvent {
  /** A sign-up is committed: its e-mail is due. Told on the request's thread, before the 202. */
  record SignupStored() implements DeliveryEvent {}

  /** Claims that other owners left behind are due again. The owner from now on is this one. */
  record Recovered(String owner, int mails) implements DeliveryEvent {}

  record Claimed(DueMail mail) implements DeliveryEvent {}

  /** The send begins. */
  record Began(DueMail mail) implements DeliveryEvent {}

  record Sent(DueMail mail, Duration took) implements DeliveryEvent {}

  record Refused(DueMail mail, SmtpFailure failure) implements DeliveryEvent {}

  /** As often as allowed, and never sent. */
  record Exhausted(DueMail mail) implements DeliveryEvent {}

  /** 4xx about this e-mail. */
  record Deferred(DueMail mail, SmtpFailure failure, Duration again) implements DeliveryEvent {}

  /** The server may have taken it. */
  record Unknown(DueMail mail, SmtpFailure failure, Duration again) implements DeliveryEvent {}

  /** Not this e-mail's fault: no attempt is counted. */
  record ServerTrouble(DueMail mail, SmtpFailure failure) implements DeliveryEvent {}

  /** Ended by us before the final dot: the stop, or the lease. */
  record NotSent(DueMail mail, String reason) implements DeliveryEvent {}

  /** A fault of the program. */
  record Failed(DueMail mail, Throwable thrown) implements DeliveryEvent {}

  /**
   * The result is committed.
   *
   * @param owned false when another owner had taken the row over: then the result counts for
   *     nothing
   */
  record Recorded(DueMail mail, boolean owned) implements DeliveryEvent {}

  /**
   * Nothing is sent any more but one probe at a time.
   *
   * @param failure of the send that closed the gate
   */
  record GateClosed(SmtpFailure failure) implements DeliveryEvent {}

  record GateOpened() implements DeliveryEvent {}

  /** E-mails that would have waited until the database's clock had caught up are due. */
  record ClockSetBack(ClockStep step) implements DeliveryEvent {}

  /** The e-mail was deleted: its user had been. */
  record UserGone(String id) implements DeliveryEvent {}

  /** The database did not let us claim or extend. */
  record StoreTrouble(String doing, Throwable thrown) implements DeliveryEvent {}

  record DrainBegan(Pending pending, int cap, int inFlight, Duration deadlineIn)
      implements DeliveryEvent {}

  /**
   * Once a second while the stop waits.
   *
   * @param done results since the drain began after which an e-mail was no longer pending
   * @param cap where the counts of what is pending end
   */
  record Draining(Pending pending, int cap, int done, Duration elapsed, Duration deadlineIn)
      implements DeliveryEvent {}
}
