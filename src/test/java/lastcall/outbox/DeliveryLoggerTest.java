package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import lastcall.config.DeliveryRate;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.mail.SmtpPhase;
import lastcall.store.DueMail;
import lastcall.store.Pending;
import lastcall.store.Result;
import org.junit.jupiter.api.Test;

final class DeliveryLoggerTest {
  private static final DueMail MAIL =
      new DueMail("id", 1, 0, "welcome", "ann@example.org", "Ann", null, 0);
  private static final SmtpFailure FAILURE =
      new SmtpFailure(SmtpPhase.DOT, 552, "5.2.2", "552 ann@example.org is full", "552 refused");

  private final DeliveryLogger logger = new DeliveryLogger("mail.example.org", 25);

  /** A drain has a line a second: thousands about e-mails that are sent would hide it. */
  @Test
  void aDrainHidesWhatGoesWellAndNoWarning() {
    List<SendOutcome> ends =
        List.of(
            new SendOutcome.Sent(),
            new SendOutcome.Deferred(FAILURE),
            new SendOutcome.NotSent("cut"),
            new SendOutcome.Refused(FAILURE),
            new SendOutcome.Unknown(FAILURE),
            new SendOutcome.Failed(new IllegalStateException("expected")));
    assertEquals(
        List.of(Level.INFO, Level.INFO, Level.INFO, Level.WARNING, Level.WARNING, Level.SEVERE),
        levels(ends));
    logger.on(
        new DeliveryEvent.DrainBegan(
            new Pending(1, 0, 0), 10, 0, Duration.ofSeconds(9), DeliveryRate.NONE));
    assertEquals(List.of(Level.WARNING, Level.WARNING, Level.SEVERE), levels(ends));
  }

  /** What holds the drain up, how long it takes at the least, and how many e-mails have time. */
  @Test
  void aDrainSaysWhatFits() {
    Duration deadline = Duration.ofSeconds(12);
    Pending left = new Pending(400, 10, 0);
    Duration second = Duration.ofSeconds(1);
    assertEquals(
        List.of(
            "msg=\"completing background tasks\" pending=410 in_flight=10 deadline=12000ms",
            "msg=\"delivery.rate is too low for all that is due, the rest is kept\" fit=200 rate=20/s",
            "msg=\"still sending\" pending=410 rate_per_s=19 eta=22s limited_by=delivery.rate deadline_in=12s",
            "msg=\"still sending\" pending=410 rate_per_s=0 eta=20s limited_by=delivery.rate deadline_in=12s",
            "msg=\"still sending\" pending=410 rate_per_s=5 eta=82s deadline_in=12s"),
        lines(
                () -> {
                  logger.on(
                      new DeliveryEvent.DrainBegan(
                          left, 1000, 10, deadline, new DeliveryRate(20, "s")));
                  for (int done : new int[] {19, 0, 5}) {
                    logger.on(
                        new DeliveryEvent.Draining(left, 1000, done, second, deadline, false));
                  }
                })
            .stream()
            .map(line -> line.getMessage())
            .toList());
    assertEquals(
        2,
        lines(
                () -> {
                  logger.on(
                      new DeliveryEvent.DrainBegan(
                          left, 1000, 10, Duration.ZERO, DeliveryRate.NONE));
                  logger.on(new DeliveryEvent.Draining(left, 1000, 0, second, deadline, false));
                })
            .size());
  }

  /** Of the lines that are written; no line holds the address. */
  private List<Level> levels(List<SendOutcome> outcomes) {
    return lines(
            () -> {
              for (SendOutcome outcome : outcomes) {
                logger.on(
                    new DeliveryEvent.Ended(MAIL, outcome, Result.sent(), Duration.ofMillis(7)));
              }
            })
        .stream()
        .map(LogRecord::getLevel)
        .toList();
  }

  private static List<LogRecord> lines(Runnable events) {
    List<LogRecord> lines = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            assertEquals(-1, line.getMessage().indexOf("ann@"), line.getMessage());
            lines.add(line);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(DeliveryLogger.class.getName());
    log.addHandler(handler);
    try {
      events.run();
    } finally {
      log.removeHandler(handler);
    }
    return lines;
  }
}
