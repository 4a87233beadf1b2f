package lastcall.outbox;

import java.time.Duration;
import java.util.Optional;
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

  /** What a try leaves in the row, and what is told of it, in this order. */
  private record Ending(Verdict verdict, Optional<DeliveryEvent> gate, DeliveryEvent event) {}

  /**
   * Throws only where not even the result could be handed over: the rest is as after a crash. A
   * listener is told after that, since one that blocks would otherwise cost the result.
   */
  void run(DueMail mail) {
    Ending ending;
    try {
      ending = mail.attempts() > maxAttempts ? usedUp(mail) : send(mail);
    } catch (Throwable t) { // the next try is after a pause, and counted
      gate.ended(mail.id());
      Duration wait = backoff.afterFailure(mail.attempts());
      Verdict verdict = again(mail, wait, t.getClass().getName());
      ending = new Ending(verdict, Optional.empty(), new DeliveryEvent.Failed(mail, t));
    }
    record(mail, ending.verdict(), ending.event() instanceof DeliveryEvent.Unknown);
    ending.gate().ifPresent(listener::on);
    listener.on(ending.event());
    if (ending.verdict() instanceof Verdict.Exhausted) {
      listener.on(new DeliveryEvent.Exhausted(mail));
    }
  }

  /**
   * Hands the result over and does not wait: with an interrupt pending no wait would return. The
   * lease is extended, and the e-mail counts as in flight, until the result is committed.
   */
  private void record(DueMail mail, Verdict verdict, boolean unanswered) {
    store.record(
        mail.id(),
        verdict,
        owned -> {
          endings.add(mail.id(), verdict, unanswered); // before the drain takes it for ended
          leases.end(mail.id());
          listener.on(new DeliveryEvent.Recorded(mail, owned));
        });
  }

  /** The last tries ended with the process. */
  private Ending usedUp(DueMail mail) {
    gate.ended(mail.id());
    String reason = "attempts used up";
    return new Ending(
        new Verdict.Exhausted(reason), Optional.empty(), new DeliveryEvent.NotSent(mail, reason));
  }

  private Ending send(DueMail mail) {
    listener.on(new DeliveryEvent.Began(mail));
    long began = System.nanoTime();
    SendOutcome outcome =
        mailer.send(
            new WelcomeMail(mail.id(), mail.email(), mail.name()), () -> leases.held(mail.id()));
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    return switch (outcome) {
      case SendOutcome.Sent() ->
          new Ending(new Verdict.Sent(), gate.answered(), new DeliveryEvent.Sent(mail, took));
      case SendOutcome.Refused(SmtpFailure failure) ->
          new Ending(
              new Verdict.Refused(reason(failure)),
              gate.answered(),
              new DeliveryEvent.Refused(mail, failure));
      case SendOutcome.Deferred(SmtpFailure failure) -> {
        Duration wait = backoff.afterFailure(mail.attempts());
        yield new Ending(
            again(mail, wait, reason(failure)),
            gate.answered(),
            new DeliveryEvent.Deferred(mail, failure, wait));
      }
      case SendOutcome.Unknown(SmtpFailure failure) -> {
        Duration wait = backoff.afterUnknown(mail.attempts());
        yield new Ending(
            again(mail, wait, reason(failure)),
            gate.unanswered(mail.id(), failure),
            new DeliveryEvent.Unknown(mail, failure, wait));
      }
      case SendOutcome.ServerTrouble(SmtpFailure failure) -> {
        // Due at once, so that a drain waits for the gate; yet behind what was due before, so that
        // one e-mail the server drops on can't keep the gate shut.
        yield new Ending(
            new Verdict.Again(Duration.ZERO, false, reason(failure)),
            gate.trouble(mail.id(), failure),
            new DeliveryEvent.ServerTrouble(mail, failure));
      }
      case SendOutcome.NotSent(String why) -> {
        gate.ended(mail.id());
        yield new Ending(
            new Verdict.Again(Duration.ZERO, false, why),
            Optional.empty(),
            new DeliveryEvent.NotSent(mail, why));
      }
    };
  }

  private Verdict again(DueMail mail, Duration wait, String reason) {
    return mail.attempts() >= maxAttempts
        ? new Verdict.Exhausted(reason)
        : new Verdict.Again(wait, true, reason);
  }

  private static String reason(SmtpFailure failure) {
    return failure.phase() + " " + failure.text();
  }
}
