package lastcall.outbox;

/** Hears of everything that happens to e-mails, on the thread where it happens: be quick. */
public interface DeliveryListener {
  void on(DeliveryEvent event);
}
