package lastcall;

import lastcall.mail.SmtpListener;
import lastcall.outbox.DeliveryListener;
import lastcall.store.StoreListener;

/**
 * Listeners of the service's events, besides its own log. A listener is called on the thread where
 * the event happens; it must not block.
 */
public record Listeners(DeliveryListener deliveries, StoreListener store, SmtpListener smtp) {
  public static final Listeners NONE =
      new Listeners(event -> {}, StoreListener.NONE, SmtpListener.NONE);
}
