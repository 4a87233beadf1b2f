package lastcall.management;

import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;

/** What management hears of the work while it is done. */
public record Watch(LiveSends sends, Activity activity, StopStatus stop, Metrics metrics)
    implements DeliveryListener {
  public Watch() {
    this(new LiveSends(), new Activity(), new StopStatus(), new Metrics());
  }

  @Override
  public void on(DeliveryEvent event) {
    sends.on(event);
    activity.on(event);
    stop.on(event);
    metrics.on(event);
  }
}
