package lastcall.outbox;

/**
 * Hears of everything that happens to e-mails, on the thread where it happens. It must not block:
 * {@link DeliveryEvent.Claimed} is told by the dispatcher, {@link DeliveryEvent.Recorded} by the
 * database's writer. It is told of a result after the result was handed to the writer, and never
 * under a lock.
 */
public interface DeliveryListener {
  void on(DeliveryEvent event);
}
