package lastcall.outbox;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import lastcall.config.DeliveryRate;
import lastcall.log.EventLog;
import lastcall.mail.Gate;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.store.ClockStep;
import lastcall.store.DueMail;
import lastcall.store.Result;
import org.jspecify.annotations.Nullable;

/**
 * Every log line about e-mails. No address and no name; of a failure the phase and the codes, since
 * the reply's text may hold an address: that is in the row.
 */
public final class DeliveryLogger implements DeliveryListener {
  private static final EventLog LOG = EventLog.of(DeliveryLogger.class);

  private final String host;
  private final int port;

  // A drain has a line each second. Thousands of lines about e-mails that went as they should would
  // hide it; warnings stay.
  private volatile boolean draining;
  private volatile DeliveryRate rate = DeliveryRate.NONE; // of the drain's claims

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
      case DeliveryEvent.Ended ended -> ended(ended);
      case DeliveryEvent.Recorded(DueMail mail, boolean owned) -> {
        if (!owned) {
          LOG.warn("result not counted, the row was no longer ours id=%s", mail.id());
        }
      }
      case DeliveryEvent.MailServer(Gate.Change change) -> changed(change);
      case DeliveryEvent.StoreTrouble(String doing, Throwable thrown) -> {
        Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
        // The trace stands in the writer's own line.
        LOG.warn("outbox waits for the database doing=%s why=%s", doing, cause.getMessage());
      }
      case DeliveryEvent.Paused(long until) when until == 0 -> LOG.warn("delivery goes on");
      case DeliveryEvent.Paused(long until) ->
          LOG.warn("delivery is paused, e-mails wait until=%s", Instant.ofEpochMilli(until));
      case DeliveryEvent.ClockSetBack(ClockStep(long back, int mails)) ->
          LOG.warn(
              "database's clock was set back, e-mails that would have waited for it are due"
                  + " step=%s mails=%s",
              back == 0 ? "unknown" : back + "ms", mails);
      case DeliveryEvent.DrainBegan began -> {
        draining = true;
        rate = began.rate();
        LOG.info(
            "completing background tasks pending=%s in_flight=%s deadline=%s",
            capped(began.pending().now(), began.cap()), began.inFlight(), began.deadlineIn());
        long fit = rate.within(began.deadlineIn().minusSeconds(2)); // until its last claim
        if (began.pending().due() > fit) {
          LOG.warn(
              "delivery.rate is too low for all that is due, the rest is kept fit=%s rate=%s",
              fit, rate);
        }
      }
      case DeliveryEvent.Draining progress -> progress(progress);
    }
  }

  private void changed(Gate.Change change) {
    switch (change) {
      case Gate.Change.Closed(SmtpFailure failure, String reason) ->
          LOG.warn(
              "mail server in trouble, probing host=%s port=%s phase=%s enhanced=%s reason=%s",
              host,
              port,
              failure.phase(),
              failure.enhanced().isEmpty() ? null : failure.enhanced(),
              reason);
      case Gate.Change.Opened() -> LOG.info("mail server works again");
      case Gate.Change.RefusesAll(SmtpFailure failure) ->
          LOG.warn(
              "mail server refuses all recipients, e-mails are kept host=%s port=%s reason=%s",
              host, port, failure.reason());
      case Gate.Change.Limited(int connections) ->
          LOG.warn(
              "mail server takes no more connections host=%s port=%s limit=%s",
              host, port, connections);
      case Gate.Change.Unlimited() -> LOG.info("mail server takes all connections again");
    }
  }

  private void ended(DeliveryEvent.Ended ended) {
    DueMail mail = ended.mail();
    Level info = draining ? Level.DEBUG : Level.INFO;
    switch (ended.outcome()) {
      case SendOutcome.Sent() -> ended(info, " e-mail sent", ended, null);
      case SendOutcome.Refused(SmtpFailure failure) ->
          ended(Level.WARNING, " e-mail refused", ended, failure);
      case SendOutcome.Deferred(SmtpFailure failure) ->
          ended(info, " e-mail deferred", ended, failure);
      case SendOutcome.Unknown(SmtpFailure failure) ->
          ended(Level.WARNING, " e-mail unknown", ended, failure);
      case SendOutcome.ServerTrouble(SmtpFailure failure) ->
          ended(Level.DEBUG, " e-mail waits, mail server in trouble", ended, failure);
      case SendOutcome.NotSent notSent -> ended(info, " e-mail not sent", ended, null);
      case SendOutcome.Failed(Throwable thrown) ->
          LOG.error(thrown, "sending failed id=%s trace_id=%s", mail.id(), mail.traceId());
    }
    Result.State state = ended.result().state();
    if (state == Result.State.EXHAUSTED || state == Result.State.UNCONFIRMED) {
      LOG.warn(
          mail.kind() + " e-mail given up id=%s attempts=%s state=%s trace_id=%s",
          mail.id(),
          mail.attempts(),
          state.name().toLowerCase(Locale.ROOT),
          mail.traceId());
    }
  }

  private static void ended(
      Level level, String text, DeliveryEvent.Ended ended, @Nullable SmtpFailure failure) {
    Duration dueIn = ended.result().dueIn();
    LOG.log(
        level,
        ended.mail().kind()
            + text
            + " id=%s attempt=%s took=%s phase=%s code=%s enhanced=%s reason=%s again_in=%s"
            + " trace_id=%s",
        ended.mail().id(),
        ended.mail().attempts(),
        ended.took(),
        failure == null ? null : failure.phase(),
        failure == null ? null : failure.code(),
        failure == null || failure.enhanced().isEmpty() ? null : failure.enhanced(),
        ended.outcome() instanceof SendOutcome.NotSent notSent ? notSent.reason() : null,
        dueIn.isZero() ? null : dueIn,
        ended.mail().traceId());
  }

  private void progress(DeliveryEvent.Draining draining) {
    long pending = draining.pending().now();
    String deadlineIn = draining.deadlineIn().toSeconds() + "s";
    if (draining.gateClosed()) {
      LOG.info(
          "waiting for the mail server pending=%s deadline_in=%s",
          capped(pending, draining.cap()), deadlineIn);
      return;
    }
    double perSecond = draining.done() * 1000.0 / draining.elapsed().toMillis();
    double least = draining.pending().due() / rate.perSecond();
    double seconds = Math.max(perSecond > 0 ? pending / perSecond : 0, least);
    LOG.info(
        "still sending pending=%s rate_per_s=%s eta=%s limited_by=%s deadline_in=%s",
        capped(pending, draining.cap()),
        Math.round(perSecond),
        seconds > 0 && pending < draining.cap() ? Math.round(seconds) + "s" : null,
        least > 0.8 * seconds ? "delivery.rate" : null,
        deadlineIn);
  }

  /** Two counts, each up to the cap: together they are at most the cap, and more is not known. */
  private static String capped(long count, int cap) {
    return count < cap ? Long.toString(count) : cap + "+";
  }
}
