package lastcall.store;

import java.time.Duration;
import java.util.List;

/**
 * @param mails claimed, and now this owner's
 * @param untilNext when to look again at the latest: zero if more is due already
 */
public record Claim(List<DueMail> mails, Duration untilNext) {}
