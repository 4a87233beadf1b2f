package lastcall.mail;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lastcall.shutdown.Deadline;

/**
 * Finds out from several e-mails whose fault it is that they are not taken, where one reply can't
 * tell. The gate's monitor guards it.
 */
final class Blame {
  /**
   * So many e-mails refused for good, one after the other and nothing sent in between: more likely
   * a fault of the server's settings than so many wrong addresses.
   */
  private static final int REFUSALS = 10;

  /** All of them within this time. */
  private static final Duration RUN = Duration.ofMinutes(10);

  /** So often one e-mail alone may meet trouble that looks like the server's. */
  private static final int TRIES = 3;

  /** No more e-mails than this are remembered as under suspicion. */
  private static final int SUSPECTS = 1000;

  enum Verdict {
    THE_MAIL,
    THE_SERVER,
    /** Not enough is known: it is tried again, and no attempt counts. */
    OPEN
  }

  /**
   * @param strikes tries between which other e-mails were sent
   * @param sentThen how many e-mails had been sent at its last try
   */
  private record Suspicion(int tries, int strikes, long sentThen) {}

  private final Map<String, Suspicion> suspects = new HashMap<>();
  private final Set<String> troubled = new HashSet<>(); // two of them at most, since the last sent
  private final Set<String> refused = new LinkedHashSet<>(); // since the last one that was sent
  private Deadline refusedUntil = Deadline.in(Duration.ZERO);
  private long sent;

  void sent() {
    sent++;
    refused.clear();
    troubled.clear();
  }

  /** The server has said something about this e-mail. */
  void clear(String id) {
    suspects.remove(id);
  }

  /** Whether the server refuses everybody. */
  boolean refusesAll() {
    return refused.size() >= REFUSALS;
  }

  /**
   * This e-mail was refused for good.
   *
   * @return those refused before it, if this one shows that it was the server's fault
   */
  List<String> refused(String id) {
    if (refusesAll()) {
      return List.of();
    }
    if (refusedUntil.passed()) { // that run has ended
      refused.clear();
    }
    if (refused.isEmpty()) {
      refusedUntil = Deadline.in(RUN);
    }
    List<String> before = List.copyOf(refused);
    refused.add(id);
    return refusesAll() ? before : List.of();
  }

  /** What the log says of the last of them. */
  static String refusals(SmtpFailure last) {
    return REFUSALS + " recipients refused in a row, the last one: " + last.reason();
  }

  /**
   * Trouble after the recipient was named. It is the server's if two e-mails meet it in a row. It
   * is this e-mail's if it comes again while others are sent. With no others to compare, only a
   * line that drops, with 421 or without, is held against the e-mail, and not at once.
   */
  Verdict trouble(String id, SmtpFailure failure) {
    if (suspects.size() >= SUSPECTS) {
      suspects.clear();
    }
    Suspicion last = suspects.getOrDefault(id, new Suspicion(0, 0, sent));
    int tries = last.tries() + 1;
    int strikes = last.strikes() + (sent > last.sentThen() ? 1 : 0);
    suspects.put(id, new Suspicion(tries, strikes, sent));
    if (troubled.size() < 2) {
      troubled.add(id);
    }
    boolean alone = troubled.equals(Set.of(id));
    boolean forGood = failure.code() / 100 == 5;
    boolean dropped = failure.code() == 0 || failure.code() == 421;
    if (strikes >= (forGood ? 2 : 1) || (alone && dropped && tries >= TRIES)) {
      return Verdict.THE_MAIL;
    }
    return alone && tries < TRIES ? Verdict.OPEN : Verdict.THE_SERVER;
  }
}
