package lastcall;

import java.util.function.Consumer;
import java.util.function.Function;
import lastcall.mail.SmtpListener;
import lastcall.outbox.DeliveryListener;
import lastcall.signup.SignupOutcome;
import lastcall.store.StoreListener;

/**
 * Who hears of the service's events besides its log, and how it sends.
 *
 * @param answering hears how a sign-up ended, before its answer is written
 */
public record Hooks(
    DeliveryListener deliveries,
    StoreListener store,
    SmtpListener smtp,
    Consumer<SignupOutcome> answering,
    Function<SendingParts, Sending> sending) {
  /** As it serves. */
  public static Hooks none() {
    return new Hooks(
        event -> {}, StoreListener.NONE, SmtpListener.NONE, outcome -> {}, OutboxSending::new);
  }
}
