package lastcall.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * So many e-mails in each unit of time, and not more: {@code delivery.rate}. With {@link #NONE}
 * there is no limit.
 *
 * <p>It is kept by one number that all who claim share: when the next e-mail may be claimed. Each
 * e-mail moves it on by one interval, and a claim may come {@link #EARLY} before it.
 *
 * @param unit s, min or h
 */
public record DeliveryRate(int mails, String unit) {
  public static final DeliveryRate NONE = new DeliveryRate(0, "s");

  /**
   * So far ahead of the rate e-mails may be, in microseconds, and at least one. Without it, each
   * claim that comes late would make the rate lower.
   */
  public static final long EARLY = 200_000;

  /**
   * The shortest wait, in microseconds: a claim for each e-mail or two costs more than its send.
   */
  private static final long PAUSE = 50_000;

  /** The longest: then the claim looks whether anything else has changed. */
  private static final long POLL = 1_000_000;

  private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,7})\\s*/\\s*(s|min|h)");

  /** A second. */
  private static final int MOST = 10_000;

  /** The key's value; what is wrong with it is noted. */
  static DeliveryRate read(ConfigValues values, String key) {
    String text = values.text(key);
    DeliveryRate rate = text.isEmpty() ? NONE : parse(text);
    if (rate != null) {
      return rate;
    }
    values.wrong(
        key,
        "must be a number of e-mails for each s, min or h, such as 10/s, 120/min or 5000/h, from 1/h"
            + " to 10000/s; or empty for no limit");
    return NONE;
  }

  /** Null if the text has another form, or the rate is too high. */
  public static @Nullable DeliveryRate parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return null;
    }
    DeliveryRate rate = new DeliveryRate(Integer.parseInt(form.group(1)), form.group(2));
    return rate.perSecond() > MOST ? null : rate;
  }

  public boolean isNone() {
    return mails == 0;
  }

  private long seconds() {
    return switch (unit) {
      case "s" -> 1;
      case "min" -> 60;
      default -> 3600;
    };
  }

  /** Microseconds from one e-mail to the next, rounded up: rounding never exceeds the rate. */
  public long interval() {
    return isNone() ? 0 : Math.ceilDiv(seconds() * 1_000_000, (long) mails);
  }

  public double perSecond() {
    return isNone() ? Double.POSITIVE_INFINITY : (double) mails / seconds();
  }

  /** How many e-mails it lets go in that time. */
  public long within(Duration time) {
    return isNone() ? Long.MAX_VALUE : (long) (Math.max(0, time.toMillis()) * perSecond() / 1000);
  }

  /** As it is written in the configuration. */
  @Override
  public String toString() {
    return isNone() ? "" : mails + "/" + unit;
  }

  /**
   * For a claim.
   *
   * @param now microseconds since 1970
   * @param kept when the next e-mail may be claimed, as the last claim has left it. A value that is
   *     further ahead than a claim leaves it was written before the clock was set back, or at a
   *     lower rate: it costs one interval and not hours
   */
  public Turn turn(long now, long kept) {
    return new Turn(this, now, kept, Math.clamp(kept, now, now + EARLY + interval()));
  }

  /** Somebody else is at it: nothing may be claimed for a moment. */
  public Turn notNow() {
    return new Turn(this, 0, EARLY + PAUSE, EARLY + PAUSE);
  }

  /**
   * What one claim may take.
   *
   * @param nextAt when the next e-mail may be claimed, not before now
   */
  public record Turn(DeliveryRate rate, long now, long kept, long nextAt) {
    /** How many e-mails may be claimed, of that many. */
    public int allowed(int max) {
      long early = now + EARLY - nextAt;
      return rate.isNone() ? max : early < 0 ? 0 : (int) Math.min(max, early / rate.interval() + 1);
    }

    /** What is kept after so many were claimed; as before if nothing has changed. */
    public long next(int mails) {
      return rate.isNone() || (mails == 0 && kept <= nextAt)
          ? kept
          : nextAt + mails * rate.interval();
    }

    /** For how long nothing more may be claimed then. */
    public Duration wait(int mails) {
      long wait = rate.isNone() ? 0 : nextAt + mails * rate.interval() - EARLY - now;
      return Duration.ofMillis(wait <= 0 ? 0 : Math.ceilDiv(Math.clamp(wait, PAUSE, POLL), 1000));
    }
  }
}
