package lastcall.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
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
    logger.on(new DeliveryEvent.DrainBegan(new Pending(1, 0, 0), 10, 0, Duration.ofSeconds(9)));
    assertEquals(List.of(Level.WARNING, Level.WARNING, Level.SEVERE), levels(ends));
  }

  /** Of the lines that are written; no line holds the address. */
  private List<Level> levels(List<SendOutcome> outcomes) {
    List<Level> levels = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            assertEquals(-1, line.getMessage().indexOf("ann@"), line.getMessage());
            levels.add(line.getLevel());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger log = Logger.getLogger(DeliveryLogger.class.getName());
    log.addHandler(handler);
    try {
      for (SendOutcome outcome : outcomes) {
        logger.on(new DeliveryEvent.Ended(MAIL, outcome, Result.sent(), Duration.ofMillis(7)));
      }
    } finally {
      log.removeHandler(handler);
    }
    return levels;
  }
}
