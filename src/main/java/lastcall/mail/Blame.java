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

  /** Bounds for the pause of an e-mail that is kept. */
  private static final Duration LEAST = Duration.ofSeconds(1);

  private static final Duration MOST = Duration.ofMinutes(30);

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
  private Deadline refusedSince = Deadline.in(Duration.ZERO);
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
   * This e-mail was refused for good. That is its own fault unless so many others were, with none
   * sent in between; and again its own if it is refused once more after others were sent.
   */
  boolean isItsOwnRefusal(String id) {
    Suspicion last = suspects.get(id);
    if (last != null && sent > last.sentThen()) {
      return true;
    }
    if (!refusesAll() && refusedSince.elapsed().compareTo(RUN) > 0) { // that run has ended
      refused.clear();
    }
    if (refused.isEmpty()) {
      refusedSince = Deadline.in(Duration.ZERO);
    }
    if (!refusesAll()) {
      refused.add(id);
      if (!refusesAll()) {
        return true;
      }
      refused.forEach(this::suspect);
    }
    suspect(id);
    return false;
  }

  private void suspect(String id) {
    Suspicion last = suspects.getOrDefault(id, new Suspicion(0, 0, sent));
    remember(id, new Suspicion(last.tries() + 1, last.strikes(), sent));
  }

  private void remember(String id, Suspicion suspicion) {
    if (suspects.size() >= SUSPECTS && !suspects.containsKey(id)) {
      suspects.clear();
    }
    suspects.put(id, suspicion);
  }

  /** Those that were refused in this run before it. */
  List<String> refusedBefore(String id) {
    return refused.stream().filter(other -> !other.equals(id)).toList();
  }

  /**
   * How long the run of refusals has lasted, and a kept e-mail waits: so it is tried less and less
   * often.
   */
  Duration refusalsSince() {
    Duration since = refusedSince.elapsed();
    return since.compareTo(LEAST) < 0 ? LEAST : since.compareTo(MOST) > 0 ? MOST : since;
  }

  /** How long a lone e-mail waits that meets trouble: not at first, and then twice as long. */
  Duration pause(String id) {
    int more = suspects.getOrDefault(id, new Suspicion(0, 0, sent)).tries() - TRIES;
    return more < 0 ? Duration.ZERO : LEAST.multipliedBy(1L << Math.min(more, 6));
  }

  /**
   * Trouble after the recipient was named. It is the server's if two e-mails meet it in a row. It
   * is this e-mail's if it comes again while others are sent. With no others to compare, only a
   * line that drops, with 421 or without, is held against the e-mail, and not at once.
   */
  Verdict trouble(String id, SmtpFailure failure) {
    Suspicion last = suspects.getOrDefault(id, new Suspicion(0, 0, sent));
    int tries = last.tries() + 1;
    int strikes = last.strikes() + (sent > last.sentThen() ? 1 : 0);
    remember(id, new Suspicion(tries, strikes, sent));
    if (troubled.size() < 2) {
      troubled.add(id);
    }
    boolean alone = troubled.equals(Set.of(id));
    boolean forGood = failure.code() / 100 == 5;
    boolean dropped = failure.code() == 0 || failure.code() == 421;
    if (strikes >= (forGood ? 2 : 1) || (alone && dropped && tries >= TRIES)) {
      return Verdict.THE_MAIL;
    }
    return alone ? Verdict.OPEN : Verdict.THE_SERVER;
  }
}
