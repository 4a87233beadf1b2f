package lastcall.mail;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import lastcall.shutdown.Deadline;

/**
 * How many connections the server takes at a time, as far as it is known. It begins with one, and
 * doubles them with what the server accepts. Where the server refuses one, those that it serves are
 * the limit, and one more is tried now and then. The gate's monitor guards it.
 */
final class ConnectionLimit {
  /** Once the server has refused a connection, one more than it takes is tried so often. */
  private static final Duration RAISE = Duration.ofSeconds(30);

  private final int most;

  /**
   * @param number of this begin
   * @param served how many sends the server had served by then
   */
  private record Begin(long number, long served) {}

  /**
   * What an ended send shows.
   *
   * @param recent it began after the server had last refused a connection
   * @param othersServed the server has served others since it began
   */
  record End(boolean recent, boolean othersServed) {}

  private final Map<String, Begin> sending = new HashMap<>();
  private final Set<String> accepted = new HashSet<>(); // those of them that are past MAIL
  private long begun;
  private long served;
  private int limit = 1;
  private int ceiling; // what limit may grow to
  private int told; // the ceiling that the log knows
  private int before; // the ceiling before the last refusals
  private boolean refusing; // nothing was sent since the last refusal
  private int peak; // the most that were accepted at a time since the last refusal
  private long refusedAt; // the number of the last begin before a connection was refused
  private Deadline raiseAt = Deadline.in(Duration.ZERO);

  ConnectionLimit(int most) {
    this.most = most;
    this.ceiling = most;
    this.told = most;
  }

  int free() {
    return Math.max(0, limit - sending.size());
  }

  void begin(String id) {
    sending.put(id, new Begin(++begun, served));
  }

  /** The server has taken the sender. True if more sends may begin now. */
  boolean accepted(String id) {
    if (!sending.containsKey(id) || !accepted.add(id)) {
      return false;
    }
    served++;
    peak = Math.max(peak, accepted.size());
    boolean used = sending.size() >= limit; // or a limit would grow that nothing has tried out
    int before = limit;
    if (limit < ceiling) {
      limit = Math.min(ceiling, Math.max(limit + (used ? 1 : 0), 2 * accepted.size()));
    } else if (limit < most && used && raiseAt.passed()) {
      limit++;
      ceiling++;
      raiseAt = Deadline.in(RAISE);
    }
    return limit > before;
  }

  End end(String id) {
    Begin begin = sending.remove(id);
    if (begin == null) {
      return new End(false, false);
    }
    long own = accepted.remove(id) ? 1 : 0;
    return new End(begin.number() > refusedAt, served - own > begin.served());
  }

  /**
   * The server refused a connection, or the line dropped before it was of use. If it serves others
   * meanwhile, that was one too many.
   *
   * @return false if it is trouble of all
   */
  boolean oneTooMany(SmtpFailure failure, End end) {
    boolean connecting = failure.phase().compareTo(SmtpPhase.EHLO) <= 0;
    boolean many =
        failure.code() / 100 == 4
            ? !sending.isEmpty() && (connecting || failure.code() == 421)
            : connecting && failure.code() == 0 && end.othersServed();
    if (many && end.recent()) { // one that began before the last refusal says nothing new
      before = refusing ? before : ceiling;
      refusing = true;
      // Sends may be too short to be seen side by side, so the peak alone would be too low.
      int less = ceiling < most ? limit - 1 : Math.min(limit - 1, Math.max(peak, limit / 2));
      limit = Math.max(1, less);
      ceiling = limit;
      peak = accepted.size();
      refusedAt = begun;
      raiseAt = Deadline.in(RAISE);
    }
    return many;
  }

  /** All were in trouble: it begins with one again, and the last refusals said nothing new. */
  void restart() {
    limit = 1;
    ceiling = refusing ? before : ceiling;
    refusing = false;
  }

  /** An e-mail was sent that began after the last refusal. */
  void sent() {
    refusing = false;
  }

  /** True once for each limit that is lower than what was told, and when there is none any more. */
  boolean news() {
    boolean news = ceiling < told || (ceiling == most && told < most);
    if (news) {
      told = ceiling;
    }
    return news;
  }

  Gate.Change told() {
    return told == most ? new Gate.Change.Unlimited() : new Gate.Change.Limited(told);
  }
}
