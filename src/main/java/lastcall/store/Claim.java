package lastcall.store;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param mails claimed, and now this owner's
 * @param step null unless the clock was set back since the last look
 * @param untilNext when to look again at the latest, but for the rate: zero if more is due already
 * @param pausedUntil milliseconds since 1970; 0 if the outbox is not paused
 * @param rateWait how long nothing can be claimed because of {@code delivery.rate}
 */
public record Claim(
    List<DueMail> mails,
    @Nullable ClockStep step,
    Duration untilNext,
    long pausedUntil,
    Duration rateWait) {}
