package lastcall.outbox;

import java.time.Duration;
import java.util.Optional;
import lastcall.mail.Mailer;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.mail.WelcomeMail;
import lastcall.store.DueMail;
import lastcall.store.OutboxStore;
import lastcall.store.Result;

/** One try to send one claimed e-mail, from the slot to the result in the writer's hands. */
final class Delivery {
  private final Mailer mailer;
  private final OutboxStore store;
  private final Leases leases;
  private final Gate gate;
  private final Backoff backoff;
  private final int maxAttempts;
  private final Endings endings;
  private final DeliveryListener listener;

  Delivery(
      Mailer mailer,
      OutboxStore store,
      Leases leases,
      Gate gate,
      Backoff backoff,
      int maxAttempts,
      Endings endings,
      DeliveryListener listener) {
    this.mailer = mailer;
    this.store = store;
    this.leases = leases;
    this.gate = gate;
    this.backoff = backoff;
    this.maxAttempts = maxAttempts;
    this.endings = endings;
    this.listener = listener;
  }

  /**
   * Throws only where not even the result could be handed over: the rest is as after a crash. The
   * listener is called after that, since one that blocks would otherwise cost the result.
   */
  void run(DueMail mail) {
    long began = System.nanoTime();
    SendOutcome outcome = send(mail);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    Result result = result(mail, outcome);
    Optional<DeliveryEvent> gateEvent = gate.ended(mail.id(), outcome);
    record(mail, result, outcome);
    gateEvent.ifPresent(listener::on);
    listener.on(new DeliveryEvent.Ended(mail, outcome, result, took));
  }

  private SendOutcome send(DueMail mail) {
    if (mail.attempts() > maxAttempts) { // the last tries ended with the process
      return new SendOutcome.NotSent("attempts used up");
    }
    try {
      listener.on(new DeliveryEvent.Began(mail));
      WelcomeMail welcome = new WelcomeMail(mail.id(), mail.email(), mail.name());
      return mailer.send(welcome, () -> leases.held(mail.id()));
    } catch (Throwable thrown) {
      return new SendOutcome.Failed(thrown);
    }
  }

  private Result result(DueMail mail, SendOutcome outcome) {
    return switch (outcome) {
      case SendOutcome.Sent() -> Result.sent();
      case SendOutcome.Refused(SmtpFailure failure) -> Result.refused(reason(failure));
      case SendOutcome.Deferred(SmtpFailure failure) ->
          again(mail, backoff.afterFailure(mail.attempts()), reason(failure));
      case SendOutcome.Unknown(SmtpFailure failure) ->
          again(mail, backoff.afterUnknown(mail.attempts()), reason(failure));
      case SendOutcome.Failed(Throwable thrown) ->
          again(mail, backoff.afterFailure(mail.attempts()), thrown.getClass().getName());
      // Due at once, so that a drain waits for the gate; yet behind what was due before, so that
      // one e-mail the server drops on can't keep the gate shut.
      case SendOutcome.ServerTrouble(SmtpFailure failure) -> Result.givenBack(reason(failure));
      case SendOutcome.NotSent(String why) ->
          mail.attempts() > maxAttempts ? Result.exhausted(why) : Result.givenBack(why);
    };
  }

  private Result again(DueMail mail, Duration wait, String reason) {
    return mail.attempts() >= maxAttempts ? Result.exhausted(reason) : Result.again(wait, reason);
  }

  private static String reason(SmtpFailure failure) {
    return failure.phase() + " " + failure.text();
  }

  /**
   * Hands the result to the writer and does not wait: with an interrupt pending no wait would
   * return. The lease is extended, and the e-mail counts as in flight, until the result is
   * committed.
   */
  private void record(DueMail mail, Result result, SendOutcome outcome) {
    store.record(
        mail.id(),
        result,
        owned -> {
          endings.add(mail.id(), result, outcome); // before the drain takes it for ended
          leases.end(mail.id());
          listener.on(new DeliveryEvent.Recorded(mail, owned));
        });
  }
}
