package lastcall.outbox;

import java.lang.System.Logger.Level;
import java.time.Duration;
import lastcall.mail.SmtpFailure;
import lastcall.store.ClockStep;
import lastcall.store.DueMail;
import lastcall.store.Pending;

/**
 * Every log line about e-mails. No address and no name; of a failure the phase and the codes, since
 * the reply's text may hold an address: that is in the row.
 */
public final class DeliveryLogger implements DeliveryListener {
  private static final System.Logger LOG = System.getLogger(DeliveryLogger.class.getName());

  @Override
  public void on(DeliveryEvent event) {
    switch (event) {
      case DeliveryEvent.Recovered(String owner, int mails) ->
          LOG.log(Level.INFO, "outbox opened", "recovered", mails, "owner", owner);
      case DeliveryEvent.Claimed(DueMail mail) -> LOG.log(Level.DEBUG, "claimed", "id", mail.id());
      case DeliveryEvent.Began(DueMail mail) -> LOG.log(Level.DEBUG, "sending", "id", mail.id());
      case DeliveryEvent.Sent(DueMail mail, Duration took) ->
          LOG.log(
              Level.INFO,
              "welcome e-mail sent",
              "id",
              mail.id(),
              "attempt",
              mail.attempts(),
              "took",
              millis(took));
      case DeliveryEvent.Refused(DueMail mail, SmtpFailure failure) ->
          failed(Level.WARNING, "welcome e-mail refused", mail, failure, Duration.ZERO);
      case DeliveryEvent.Exhausted(DueMail mail) ->
          LOG.log(
              Level.WARNING,
              "welcome e-mail given up",
              "id",
              mail.id(),
              "attempts",
              mail.attempts());
      case DeliveryEvent.Deferred(DueMail mail, SmtpFailure failure, Duration again) ->
          failed(Level.INFO, "welcome e-mail deferred", mail, failure, again);
      case DeliveryEvent.Unknown(DueMail mail, SmtpFailure failure, Duration again) ->
          failed(Level.WARNING, "welcome e-mail unknown", mail, failure, again);
      case DeliveryEvent.ServerTrouble(DueMail mail, SmtpFailure failure) ->
          failed(Level.DEBUG, "mail server in trouble", mail, failure, Duration.ZERO);
      case DeliveryEvent.NotSent(DueMail mail, String reason) ->
          LOG.log(Level.INFO, "welcome e-mail not sent", "id", mail.id(), "reason", reason);
      case DeliveryEvent.Failed(DueMail mail, Throwable thrown) ->
          LOG.log(Level.ERROR, "sending failed", "id", mail.id(), "error", thrown);
      case DeliveryEvent.Recorded(DueMail mail, boolean owned) -> {
        if (!owned) {
          LOG.log(Level.WARNING, "result not counted, the row was no longer ours", "id", mail.id());
        }
      }
      case DeliveryEvent.GateClosed(String why) ->
          LOG.log(Level.WARNING, "mail server in trouble, probing", "phase", why);
      case DeliveryEvent.GateOpened() -> LOG.log(Level.INFO, "mail server works again");
      case DeliveryEvent.StoreTrouble(String doing, Throwable thrown) ->
          // The trace stands in the writer's own line.
          LOG.log(
              Level.WARNING,
              "outbox waits for the database",
              "doing",
              doing,
              "why",
              (thrown.getCause() == null ? thrown : thrown.getCause()).getMessage());
      case DeliveryEvent.ClockSetBack(ClockStep(long back, int mails)) ->
          LOG.log(
              Level.WARNING,
              "database's clock was set back, e-mails that would have waited for it are due",
              "step",
              back == 0 ? "unknown" : back + "ms",
              "mails",
              mails);
      case DeliveryEvent.UserGone(String id) ->
          LOG.log(Level.WARNING, "welcome e-mail deleted, its user is gone", "id", id);
      case DeliveryEvent.DrainBegan(Pending pending, int cap, int inFlight, Duration deadlineIn) ->
          LOG.log(
              Level.INFO,
              "completing background tasks",
              "pending",
              capped(pending.now(), cap),
              "in_flight",
              inFlight,
              "deadline",
              millis(deadlineIn));
      case DeliveryEvent.Draining draining -> progress(draining);
    }
  }

  private static void progress(DeliveryEvent.Draining draining) {
    long pending = draining.pending().now();
    double rate = draining.done() / (draining.elapsed().toMillis() / 1000.0);
    LOG.log(
        Level.INFO,
        "still sending",
        "pending",
        capped(pending, draining.cap()),
        "rate_per_s",
        Math.round(rate),
        "eta",
        rate > 0 && pending < draining.cap() ? Math.round(pending / rate) + "s" : "unknown",
        "deadline_in",
        draining.deadlineIn().toSeconds() + "s");
  }

  /** Two counts, each up to the cap: together they are at most the cap, and more is not known. */
  private static String capped(long count, int cap) {
    return count < cap ? Long.toString(count) : cap + "+";
  }

  private static void failed(
      Level level, String message, DueMail mail, SmtpFailure failure, Duration again) {
    LOG.log(
        level,
        message,
        "id",
        mail.id(),
        "attempt",
        mail.attempts(),
        "phase",
        failure.phase(),
        "code",
        failure.code(),
        "enhanced",
        failure.enhanced(),
        "again_in",
        again.isZero() ? "-" : millis(again));
  }

  private static String millis(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
