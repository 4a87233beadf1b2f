package lastcall.store;

/**
 * The database's clock was set back.
 *
 * @param backMillis by how much; 0 when it was before this process looked first
 * @param mails so many would have waited until it had caught up, and are due now
 */
public record ClockStep(long backMillis, int mails) {}
