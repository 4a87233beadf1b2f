package lastcall.outbox;

import java.time.Duration;
import lastcall.mail.Mailer;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.mail.WelcomeMail;
import lastcall.store.DueMail;
import lastcall.store.OutboxStore;
import lastcall.store.Verdict;

/** One try to send one claimed e-mail, from the slot to the result in the writer's hands. */
final class Delivery {
  private final Mailer mailer;
  private final OutboxStore store;
  private final Leases leases;
  private final Gate gate;
  private final Backoff backoff;
  private final int maxAttempts;
  private final SendTimes times;
  private final DeliveryListener listener;

  Delivery(
      Mailer mailer,
      OutboxStore store,
      Leases leases,
      Gate gate,
      Backoff backoff,
      int maxAttempts,
      SendTimes times,
      DeliveryListener listener) {
    this.mailer = mailer;
    this.store = store;
    this.leases = leases;
    this.gate = gate;
    this.backoff = backoff;
    this.maxAttempts = maxAttempts;
    this.times = times;
    this.listener = listener;
  }

  /** Never throws: what went wrong is in the row and was told to the listener. */
  void run(DueMail mail) {
    Verdict verdict;
    try {
      if (mail.attempts() > maxAttempts) { // the last tries ended with the process
        gate.ended(mail.id());
        verdict = exhausted(mail, "attempts used up");
      } else {
        verdict = send(mail);
      }
    } catch (Throwable t) { // also OutOfMemoryError: the next try is after a pause, and counted
      listener.on(new DeliveryEvent.Failed(mail, t));
      gate.ended(mail.id());
      verdict = again(mail, backoff.afterFailure(mail.attempts()), t.getClass().getName());
    }
    // Handed over, not waited for: with an interrupt pending no wait would return. The lease is
    // extended, and the e-mail counts as in flight, until the result is committed.
    store.record(
        mail.id(),
        verdict,
        owned -> {
          leases.end(mail.id());
          listener.on(new DeliveryEvent.Recorded(mail, owned));
        });
  }

  private Verdict send(DueMail mail) {
    listener.on(new DeliveryEvent.Began(mail));
    long began = System.nanoTime();
    SendOutcome outcome =
        mailer.send(
            new WelcomeMail(mail.id(), mail.email(), mail.name()), () -> leases.held(mail.id()));
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    return switch (outcome) {
      case SendOutcome.Sent() -> {
        times.add(took);
        gate.answered();
        listener.on(new DeliveryEvent.Sent(mail, took));
        yield new Verdict.Sent();
      }
      case SendOutcome.Refused(SmtpFailure failure) -> {
        gate.answered();
        listener.on(new DeliveryEvent.Refused(mail, failure));
        yield new Verdict.Refused(reason(failure));
      }
      case SendOutcome.Deferred(SmtpFailure failure) -> {
        gate.answered();
        Duration wait = backoff.afterFailure(mail.attempts());
        listener.on(new DeliveryEvent.Deferred(mail, failure, wait));
        yield again(mail, wait, reason(failure));
      }
      case SendOutcome.Unknown(SmtpFailure failure) -> {
        times.add(took); // it used up its time, so the next one may as well
        gate.unanswered(mail.id());
        Duration wait = backoff.afterUnknown(mail.attempts());
        listener.on(new DeliveryEvent.Unknown(mail, failure, wait));
        yield again(mail, wait, reason(failure));
      }
      case SendOutcome.ServerTrouble(SmtpFailure failure) -> {
        gate.trouble(mail.id(), failure.phase() + (failure.code() > 0 ? " " + failure.code() : ""));
        listener.on(new DeliveryEvent.ServerTrouble(mail, failure));
        // Due at once, so that a drain waits for the gate; yet behind what was due before, so that
        // one e-mail the server drops on can't keep the gate shut.
        yield new Verdict.Again(Duration.ZERO, false, reason(failure));
      }
      case SendOutcome.NotSent(String why) -> {
        gate.ended(mail.id());
        listener.on(new DeliveryEvent.NotSent(mail, why));
        yield new Verdict.Again(Duration.ZERO, false, why);
      }
    };
  }

  private Verdict again(DueMail mail, Duration wait, String reason) {
    return mail.attempts() >= maxAttempts
        ? exhausted(mail, reason)
        : new Verdict.Again(wait, true, reason);
  }

  private Verdict exhausted(DueMail mail, String reason) {
    listener.on(new DeliveryEvent.Exhausted(mail));
    return new Verdict.Exhausted(reason);
  }

  private static String reason(SmtpFailure failure) {
    return failure.phase() + " " + failure.text();
  }
}
