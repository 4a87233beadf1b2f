package lastcall.config;

import java.time.Duration;

/** How long what has ended is kept. */
final class RetentionRules {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MOST = Duration.ofDays(3650);

  private RetentionRules() {}

  static AppConfig.Retention read(ConfigValues values) {
    return new AppConfig.Retention(
        kept(values, "retention.sent"),
        kept(values, "retention.refused"),
        values.duration("retention.every", Duration.ofSeconds(1), DAY));
  }

  /** A day at least: refused e-mails are made due again when the mail server refuses all. */
  private static Duration kept(ConfigValues values, String key) {
    Duration kept = values.duration(key, Duration.ZERO, MOST);
    if (!kept.isZero() && kept.compareTo(DAY) < 0 && values.fine(key)) {
      values.wrong(key, "must be at least 1d, or 0, which keeps for ever");
    }
    return kept;
  }
}
