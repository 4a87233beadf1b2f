package lastcall.mail;

import java.time.Duration;
import java.util.List;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * How many e-mails may be on their way to the mail server, for all of them alike. Closed while the
 * server is in trouble: then one probe at a time, with pauses between them, finds out when it is
 * back. So an outage costs no e-mail an attempt, and the server no stampede. Open, it lets through
 * as many as the server has shown to take: a few at first, and more with each one that is accepted.
 *
 * <p>The sends' threads and the dispatcher call it; what changes is returned, so that nobody is
 * told under its monitor.
 */
public final class Gate {
  private record Pauses(Duration first, int factor, Duration last) {
    Duration after(Duration pause) {
      Duration next = pause.multipliedBy(factor);
      return next.compareTo(last) > 0 ? last : next;
    }
  }

  private static final Pauses OUTAGE = new Pauses(Duration.ofMillis(500), 2, Duration.ofSeconds(5));

  /** Four logins in ten minutes. With the defaults of fail2ban, the fifth would be locked out. */
  private static final Pauses LOGIN = new Pauses(Duration.ofSeconds(10), 6, Duration.ofMinutes(5));

  /** This many final dots without an answer, one after the other, are the server's trouble too. */
  private static final int SILENCES = 3;

  /** What the gate has learnt, for the log. */
  public sealed interface Change {
    /** Nothing is sent any more but one probe at a time. */
    record Closed(SmtpFailure failure, String reason) implements Change {}

    record Opened() implements Change {}

    /** Each recipient is refused, too many for a coincidence. Their e-mails are kept. */
    record RefusesAll(SmtpFailure failure) implements Change {}

    /** The server takes no more connections than this at a time. */
    record Limited(int connections) implements Change {}

    /** The server takes as many connections again as are allowed. */
    record Unlimited() implements Change {}
  }

  /**
   * @param outcome as it counts for the e-mail, which need not be what the send returned
   * @param dueIn until an e-mail that met the server's trouble is due again
   * @param refusedBefore ids of e-mails that were refused, and should be due again: the refusals
   *     were the server's fault
   */
  public record Verdict(
      SendOutcome outcome, @Nullable Change change, Duration dueIn, List<String> refusedBefore) {
    private Verdict(SendOutcome outcome, @Nullable Change change) {
      this(outcome, change, Duration.ZERO, List.of());
    }
  }

  private final ConnectionLimit connections;
  private final Blame blame = new Blame();
  private boolean closed;
  private boolean told; // the log knows that it is closed
  private boolean stopped;
  private boolean outage; // it was closed for another reason than a login
  private Duration pause = OUTAGE.first();
  Deadline nextProbe = Deadline.in(Duration.ZERO); // not private, so that a test need not wait

  /** Connections that are logged in still work: what they send does not make the login right. */
  private Deadline loginsCount = Deadline.in(Duration.ZERO);

  private Duration loginPause = LOGIN.first();

  /** The e-mail that was let through. Sends that began before the gate closed say nothing new. */
  private @Nullable String probe;

  private int silences;

  /**
   * @param most sends at a time
   */
  public Gate(int most) {
    connections = new ConnectionLimit(most);
  }

  /** How many sends may begin now, of {@code free} slots. */
  public synchronized int permits(int free) {
    if (closed) {
      return probe != null || !nextProbe.passed() ? 0 : Math.min(free, 1);
    }
    return Math.min(free, connections.free());
  }

  public synchronized boolean closed() {
    return closed;
  }

  /** From now on sends are cut by us, and what they end with says nothing about the server. */
  public synchronized void stop() {
    stopped = true;
  }

  /** How long until {@link #permits} may grow; a probe that ends wakes the dispatcher besides. */
  public synchronized Duration untilProbe() {
    return closed ? nextProbe.remaining() : Duration.ZERO;
  }

  /**
   * Call it before the send can have ended. One that was claimed before the gate closed is no
   * probe: on a kept connection it might open the gate again at once.
   */
  public synchronized void begin(String id) {
    connections.begin(id);
    if (closed && probe == null && nextProbe.passed()) {
      probe = id;
    }
  }

  /**
   * The server has taken the sender: it serves so many connections at a time.
   *
   * @return whether more sends may begin now
   */
  public synchronized boolean accepted(String id) {
    return !closed && connections.accepted(id);
  }

  /** A claimed e-mail whose send never began, or ended without a word about the server. */
  public synchronized void neverSent(String id) {
    connections.end(id);
    if (id.equals(probe)) {
      probe = null;
    }
  }

  /** How the send ended. */
  public synchronized Verdict ended(String id, SendOutcome outcome) {
    ConnectionLimit.End end = connections.end(id);
    return switch (outcome) {
      case SendOutcome.Sent sentOne -> sent(id, end.recent(), outcome);
      case SendOutcome.Deferred deferred -> deferred(id, outcome);
      case SendOutcome.Refused(SmtpFailure failure) -> refused(id, failure);
      case SendOutcome.ServerTrouble(SmtpFailure failure) ->
          stopped ? new Verdict(outcome, null) : trouble(id, failure, end);
      case SendOutcome.Unknown(SmtpFailure failure) -> {
        silences++;
        boolean closes = !stopped && (closed || silences >= SILENCES);
        yield new Verdict(outcome, closes ? close(id, failure, failure.reason()) : null);
      }
      case SendOutcome.NotSent notSent -> neverSent(id, outcome);
      case SendOutcome.Failed failed -> neverSent(id, outcome);
    };
  }

  private Verdict deferred(String id, SendOutcome outcome) {
    blame.clear(id);
    return answered(id, outcome);
  }

  private Verdict neverSent(String id, SendOutcome outcome) {
    neverSent(id);
    return new Verdict(outcome, null);
  }

  /**
   * @param recent what it shows about connections is not outdated
   */
  private Verdict sent(String id, boolean recent, SendOutcome outcome) {
    boolean refusedAll = blame.refusesAll();
    blame.sent();
    blame.clear(id);
    Verdict verdict = answered(id, outcome);
    if (recent) {
      connections.sent();
    }
    if (refusedAll) {
      return new Verdict(outcome, new Change.Opened());
    }
    return verdict.change() == null && recent && connections.news()
        ? new Verdict(outcome, connections.told())
        : verdict;
  }

  /** The server spoke about an e-mail, so it works. */
  private Verdict answered(String id, SendOutcome outcome) {
    silences = 0;
    if (!closed || !id.equals(probe)) {
      return new Verdict(outcome, null);
    }
    probe = null;
    closed = false;
    outage = false;
    return new Verdict(outcome, told ? new Change.Opened() : null);
  }

  private Verdict refused(String id, SmtpFailure failure) {
    SendOutcome outcome = new SendOutcome.Refused(failure);
    boolean already = blame.refusesAll();
    if (blame.isItsOwnRefusal(id)) {
      blame.clear(id);
      return answered(id, outcome);
    }
    Change opened = answered(id, outcome).change();
    SendOutcome kept = new SendOutcome.ServerTrouble(failure);
    return already
        ? new Verdict(kept, opened, blame.refusalsSince(), List.of())
        : new Verdict(
            kept, new Change.RefusesAll(failure), blame.refusalsSince(), blame.refusedBefore(id));
  }

  private Verdict trouble(String id, SmtpFailure failure, ConnectionLimit.End end) {
    SendOutcome outcome = new SendOutcome.ServerTrouble(failure);
    if (failure.fault() != Fault.LOGIN) {
      if (failure.phase().compareTo(SmtpPhase.RCPT) >= 0) {
        switch (blame.trouble(id, failure)) {
          case THE_MAIL -> {
            return theMails(id, failure);
          }
          case OPEN -> {
            if (!closed) {
              return new Verdict(outcome, null, blame.pause(id), List.of());
            }
          }
          case THE_SERVER -> {}
        }
      } else if (!closed && connections.oneTooMany(failure, end)) {
        return new Verdict(outcome, null);
      }
    }
    return new Verdict(outcome, close(id, failure, failure.reason()));
  }

  private Verdict theMails(String id, SmtpFailure failure) {
    if (id.equals(probe)) {
      probe = null;
      nextProbe = Deadline.in(Duration.ZERO);
    }
    return new Verdict(
        failure.code() / 100 == 5
            ? new SendOutcome.Refused(failure)
            : new SendOutcome.Deferred(failure),
        null);
  }

  private @Nullable Change close(String id, SmtpFailure failure, String reason) {
    boolean was = closed;
    if (was && !id.equals(probe)) {
      return null;
    }
    // One refused connection may be a blip; the log hears of it when the first probe has failed.
    boolean certain = was || failure.phase().compareTo(SmtpPhase.AUTH) >= 0;
    boolean news = certain && !(was && told);
    told = certain;
    if (failure.fault() == Fault.LOGIN) {
      loginPause = loginsCount.passed() ? LOGIN.first() : LOGIN.after(loginPause);
      loginsCount = Deadline.in(LOGIN.last().multipliedBy(2));
      pause = loginPause;
    } else {
      pause = outage ? OUTAGE.after(pause) : OUTAGE.first();
    }
    outage = failure.fault() != Fault.LOGIN;
    closed = true;
    probe = null;
    nextProbe = Deadline.in(pause);
    connections.restart();
    return news ? new Change.Closed(failure, reason) : null;
  }
}
