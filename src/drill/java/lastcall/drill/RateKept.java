package lastcall.drill;

import java.util.List;
import lastcall.config.DeliveryRate;

/**
 * How the moments at which the mail server took e-mails keep to {@code delivery.rate}. The service
 * keeps to it where it claims; on their way some e-mails take longer than others.
 *
 * @param ahead in no window were more taken than rate × its length and this many
 * @param inSecond the most that were taken in any second
 */
record RateKept(DeliveryRate rate, double ahead, int inSecond) {
  private static final long SECOND = 1_000_000_000;

  /**
   * @param moments in their order, in nanoseconds
   */
  static RateKept of(DeliveryRate rate, List<Long> moments) {
    double level = 0; // of a bucket that the rate empties
    double ahead = 0;
    int from = 0;
    int inSecond = 0;
    for (int i = 0; i < moments.size(); i++) {
      long now = moments.get(i);
      double passed = i == 0 ? 0 : (now - moments.get(i - 1)) / 1e9;
      level = Math.max(0, level - passed * rate.perSecond()) + 1;
      ahead = Math.max(ahead, level);
      while (now - moments.get(from) >= SECOND) {
        from++;
      }
      inSecond = Math.max(inSecond, i - from + 1);
    }
    return new RateKept(rate, ahead, inSecond);
  }

  /** What may be claimed at once, and what may come late in a second. */
  double allowed() {
    return 1 + DeliveryRate.EARLY / 1e6 * rate.perSecond() + rate.perSecond();
  }

  boolean broken() {
    return ahead > allowed();
  }
}
