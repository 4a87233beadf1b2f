package lastcall.outbox;

import java.lang.System.Logger.Level;
import java.time.Duration;
import lastcall.log.EventLog;
import lastcall.mail.SmtpFailure;
import lastcall.store.ClockStep;
import lastcall.store.DueMail;
import lastcall.store.Pending;

/**
 * Every log line about e-mails. No address and no name; of a failure the phase and the codes, since
 * the reply's text may hold an address: that is in the row.
 */
public final class DeliveryLogger implements DeliveryListener {
  private static final EventLog LOG = EventLog.of(DeliveryLogger.class);

  private final String host;
  private final int port;

  /** The mail server's host and port. */
  public DeliveryLogger(String host, int port) {
    this.host = host;
    this.port = port;
  }

  @Override
  public void on(DeliveryEvent event) {
    switch (event) {
      case DeliveryEvent.SignupStored() -> {}
      case DeliveryEvent.Recovered(String owner, int mails) ->
          LOG.info("outbox opened recovered=%s owner=%s", mails, owner);
      case DeliveryEvent.Claimed(DueMail mail) -> LOG.debug("claimed id=%s", mail.id());
      case DeliveryEvent.Began(DueMail mail) -> LOG.debug("sending id=%s", mail.id());
      case DeliveryEvent.Sent(DueMail mail, Duration took) ->
          LOG.info(
              "welcome e-mail sent id=%s attempt=%s took=%s",
              mail.id(), mail.attempts(), millis(took));
      case DeliveryEvent.Refused(DueMail mail, SmtpFailure failure) ->
          failed(Level.WARNING, "welcome e-mail refused", mail, failure, Duration.ZERO);
      case DeliveryEvent.Exhausted(DueMail mail) ->
          LOG.warn("welcome e-mail given up id=%s attempts=%s", mail.id(), mail.attempts());
      case DeliveryEvent.Deferred(DueMail mail, SmtpFailure failure, Duration again) ->
          failed(Level.INFO, "welcome e-mail deferred", mail, failure, again);
      case DeliveryEvent.Unknown(DueMail mail, SmtpFailure failure, Duration again) ->
          failed(Level.WARNING, "welcome e-mail unknown", mail, failure, again);
      case DeliveryEvent.ServerTrouble(DueMail mail, SmtpFailure failure) ->
          failed(Level.DEBUG, "mail server in trouble", mail, failure, Duration.ZERO);
      case DeliveryEvent.NotSent(DueMail mail, String reason) ->
          LOG.info("welcome e-mail not sent id=%s reason=%s", mail.id(), reason);
      case DeliveryEvent.Failed(DueMail mail, Throwable thrown) ->
          LOG.error(thrown, "sending failed id=%s", mail.id());
      case DeliveryEvent.Recorded(DueMail mail, boolean owned) -> {
        if (!owned) {
          LOG.warn("result not counted, the row was no longer ours id=%s", mail.id());
        }
      }
      case DeliveryEvent.GateClosed(SmtpFailure failure) ->
          LOG.warn(
              "mail server in trouble, probing host=%s port=%s phase=%s reason=%s",
              host, port, failure.phase(), failure.reason());
      case DeliveryEvent.GateOpened() -> LOG.info("mail server works again");
      case DeliveryEvent.StoreTrouble(String doing, Throwable thrown) ->
          // The trace stands in the writer's own line.
          LOG.warn(
              "outbox waits for the database doing=%s why=%s",
              doing, (thrown.getCause() == null ? thrown : thrown.getCause()).getMessage());
      case DeliveryEvent.ClockSetBack(ClockStep(long back, int mails)) ->
          LOG.warn(
              "database's clock was set back, e-mails that would have waited for it are due step=%s mails=%s",
              back == 0 ? "unknown" : back + "ms", mails);
      case DeliveryEvent.UserGone(String id) ->
          LOG.warn("welcome e-mail deleted, its user is gone id=%s", id);
      case DeliveryEvent.DrainBegan(Pending pending, int cap, int inFlight, Duration deadlineIn) ->
          LOG.info(
              "completing background tasks pending=%s in_flight=%s deadline=%s",
              capped(pending.now(), cap), inFlight, millis(deadlineIn));
      case DeliveryEvent.Draining draining -> progress(draining);
    }
  }

  private static void progress(DeliveryEvent.Draining draining) {
    long pending = draining.pending().now();
    double rate = draining.done() / (draining.elapsed().toMillis() / 1000.0);
    LOG.info(
        "still sending pending=%s rate_per_s=%s eta=%s deadline_in=%s",
        capped(pending, draining.cap()),
        Math.round(rate),
        rate > 0 && pending < draining.cap() ? Math.round(pending / rate) + "s" : "unknown",
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
        message + " id=%s attempt=%s phase=%s code=%s enhanced=%s again_in=%s",
        mail.id(),
        mail.attempts(),
        failure.phase(),
        failure.code(),
        failure.enhanced(),
        again.isZero() ? "-" : millis(again));
  }

  private static String millis(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
