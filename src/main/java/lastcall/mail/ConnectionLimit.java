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
  private final Map<String, Long> sending = new HashMap<>(); // with the number of its begin
  private final Set<String> accepted = new HashSet<>(); // those of them that are past RCPT
  private long begun;
  private int limit = 1;
  private int ceiling; // what limit may grow to
  private int told; // the ceiling that the log knows
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
    sending.put(id, ++begun);
  }

  /** The server has taken the recipient. True if more sends may begin now. */
  boolean accepted(String id) {
    if (!sending.containsKey(id) || !accepted.add(id)) {
      return false;
    }
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

  /**
   * The send is over.
   *
   * @return whether it began after the server had last refused a connection
   */
  boolean end(String id) {
    accepted.remove(id);
    Long began = sending.remove(id);
    return began != null && began > refusedAt;
  }

  /**
   * The server refused a connection, or the line dropped before it was of use. If it serves others
   * meanwhile, that was one too many.
   *
   * @return false if it is trouble of all
   */
  boolean oneTooMany(SmtpFailure failure) {
    boolean connecting = failure.phase().compareTo(SmtpPhase.EHLO) <= 0;
    boolean many =
        failure.code() / 100 == 4
            ? !sending.isEmpty() && (connecting || failure.code() == 421)
            : connecting && failure.code() == 0 && !accepted.isEmpty();
    if (many) {
      limit = sending.size();
      ceiling = limit;
      refusedAt = begun;
      raiseAt = Deadline.in(RAISE);
    }
    return many;
  }

  /** What was learnt may be wrong when the trouble is over. */
  void forget() {
    limit = 1;
    ceiling = most;
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
