package lastcall.mail;

/**
 * Why a send did not end in 250.
 *
 * @param phase where it ended
 * @param code the reply code, 0 when no reply came
 * @param enhanced the enhanced status code (RFC 3463), "" when there was none
 * @param text the reply or the exception, for the row only: it may hold an address, so it is never
 *     logged. At most 500 characters.
 */
public record SmtpFailure(SmtpPhase phase, int code, String enhanced, String text) {}
