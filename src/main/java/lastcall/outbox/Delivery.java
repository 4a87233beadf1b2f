package lastcall.outbox;

import java.time.Duration;
import lastcall.config.AppConfig;
import lastcall.mail.Gate;
import lastcall.mail.Mailer;
import lastcall.mail.OutgoingMail;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.store.DueMail;
import lastcall.store.OutboxStore;
import lastcall.store.Result;

/** One try to send one claimed e-mail, from the slot to the result in the writer's hands. */
record Delivery(
    Mailer mailer,
    OutboxStore store,
    Leases leases,
    Gate gate,
    Backoff backoff,
    AppConfig.Delivery config,
    Endings endings,
    WakeUp wakeUp,
    DeliveryListener listener) {
  /**
   * Throws only where not even the result could be handed over: the rest is as after a crash. The
   * listener is called after that, since one that blocks would otherwise cost the result.
   */
  void run(DueMail mail) {
    long began = System.nanoTime();
    Gate.Verdict verdict = gate.ended(mail.id(), send(mail));
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    Result result = result(mail, verdict.outcome(), verdict.dueIn());
    record(mail, result, verdict.outcome());
    if (!verdict.refusedBefore().isEmpty()) {
      store.reopen(verdict.refusedBefore(), verdict.dueIn());
    }
    Gate.Change change = verdict.change();
    if (change != null) {
      listener.on(new DeliveryEvent.MailServer(change));
    }
    listener.on(new DeliveryEvent.Ended(mail, verdict.outcome(), result, took));
  }

  private SendOutcome send(DueMail mail) {
    if (spent(mail)) {
      return new SendOutcome.NotSent("attempts used up");
    }
    try {
      listener.on(new DeliveryEvent.Began(mail));
      OutgoingMail out = new OutgoingMail(mail.id(), mail.kind(), mail.email(), mail.data());
      return mailer.send(out, () -> mayGoOn(mail.id()));
    } catch (Throwable thrown) {
      return new SendOutcome.Failed(thrown);
    }
  }

  /** The last tries ended with the process, or it gave up waiting for them. */
  private boolean spent(DueMail mail) {
    return mail.attempts() > config.maxAttempts() || mail.unknowns() >= config.maxUnknown();
  }

  /** The server has taken the sender, so more connections may be tried. */
  private boolean mayGoOn(String id) {
    if (gate.accepted(id)) {
      wakeUp.room();
    }
    return leases.held(id);
  }

  private Result result(DueMail mail, SendOutcome outcome, Duration wait) {
    return switch (outcome) {
      case SendOutcome.Sent() -> Result.sent();
      case SendOutcome.Refused(SmtpFailure failure) -> Result.refused(reason(failure));
      case SendOutcome.Deferred(SmtpFailure failure) -> again(mail, reason(failure));
      case SendOutcome.Failed(Throwable thrown) -> again(mail, thrown.getClass().getName());
      case SendOutcome.Unknown(SmtpFailure failure) ->
          mail.unknowns() + 1 >= config.maxUnknown()
              ? Result.unconfirmed(true, reason(failure))
              : Result.unknown(backoff.afterUnknown(mail.unknowns()), reason(failure));
      // Due at once where the gate closed, so that a drain waits for it; behind older ones.
      case SendOutcome.ServerTrouble(SmtpFailure failure) ->
          Result.givenBack(wait, reason(failure));
      case SendOutcome.NotSent(String why, Duration pause) ->
          !spent(mail)
              ? Result.givenBack(pause, why)
              : mail.unknowns() > 0 ? Result.unconfirmed(false, why) : Result.exhausted(why);
    };
  }

  private Result again(DueMail mail, String reason) {
    return mail.attempts() >= config.maxAttempts()
        ? Result.exhausted(reason)
        : Result.again(backoff.afterFailure(mail.attempts()), reason);
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
          if (result.state() == Result.State.DUE) {
            wakeUp.due(); // the dispatcher has to know when
          }
          listener.on(new DeliveryEvent.Recorded(mail, owned));
        });
  }
}
