package lastcall;

import java.util.concurrent.atomic.AtomicInteger;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;

/** Counts how sends end, for the last line of the log. */
final class Tally implements DeliveryListener {
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger unknown = new AtomicInteger();
  private final AtomicInteger notSent = new AtomicInteger();

  @Override
  public void on(DeliveryEvent event) {
    if (event instanceof DeliveryEvent.Sent) {
      sent.incrementAndGet();
    } else if (event instanceof DeliveryEvent.Unknown) {
      unknown.incrementAndGet();
    } else if (event instanceof DeliveryEvent.NotSent) {
      notSent.incrementAndGet();
    }
  }

  int sent() {
    return sent.get();
  }

  int unknown() {
    return unknown.get();
  }

  /** Ended by us before their final dot. */
  int notSent() {
    return notSent.get();
  }
}
