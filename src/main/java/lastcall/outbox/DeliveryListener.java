package lastcall.outbox;

/**
 * Hears of everything that happens to e-mails, on the thread where it happens: {@link
 * DeliveryEvent.Claimed} on the dispatcher's or the writer's, {@link DeliveryEvent.Recorded} on the
 * writer's. It must not block them. It hears of a result after the writer has it, and never under a
 * lock.
 */
public interface DeliveryListener {
  void on(DeliveryEvent event);
}
