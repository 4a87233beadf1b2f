package lastcall.management;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import lastcall.mail.SmtpListener;
import lastcall.mail.SmtpPhase;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.store.DueMail;

/**
 * The sends that run, and what became of the last ones. It hears of them on the threads that send:
 * a phase belongs to the send that has begun on its thread.
 */
public final class LiveSends implements DeliveryListener, SmtpListener {
  /** Enough to see how the sends of a stop have ended. */
  private static final int ENDED = 200;

  /**
   * So many are looked through for those that never begin, since nobody may have looked for long.
   */
  private static final int MANY = 5_000;

  /** A task begins within milliseconds of its claim, or never. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  /** What the cut would do to a send. */
  enum IfCut {
    /** It would go back as it is. */
    NOT_BEGUN,
    /** Its connection is closed, and it goes back with its attempt taken back. */
    GIVEN_BACK,
    /** Its final dot is out: it waits for the answer until D − 0.5 s, and is unknown after that. */
    AWAITS_ANSWER
  }

  /** A send; only the thread that sends changes it. */
  static final class Send {
    private final DueMail mail;
    private final long claimed = System.nanoTime();
    private volatile SmtpPhase phase = SmtpPhase.CONNECT;
    private volatile long since = claimed;
    private volatile boolean begun;

    private Send(DueMail mail) {
      this.mail = mail;
    }

    String id() {
      return mail.id();
    }

    int attempt() {
      return mail.attempts();
    }

    Duration age() {
      return Duration.ofNanos(System.nanoTime() - claimed);
    }

    Duration inPhase() {
      return Duration.ofNanos(System.nanoTime() - since);
    }

    String phase() {
      return begun ? phase.name().toLowerCase(Locale.ROOT) : "waiting";
    }

    IfCut ifCut() {
      if (!begun) {
        return IfCut.NOT_BEGUN;
      }
      return phase == SmtpPhase.DOT ? IfCut.AWAITS_ANSWER : IfCut.GIVEN_BACK;
    }
  }

  /**
   * @param at System.nanoTime()
   */
  record Ended(String id, int attempt, String outcome, Duration took, long at) {}

  private final Map<String, Send> sends = new ConcurrentHashMap<>();
  private final Map<Thread, Send> byThread = new ConcurrentHashMap<>();
  private final Deque<Ended> ended = new ArrayDeque<>(); // guarded by itself, for moments only

  @Override
  public void on(DeliveryEvent event) {
    switch (event) {
      case DeliveryEvent.Claimed(DueMail mail) -> {
        if (sends.size() >= MANY) {
          forget();
        }
        sends.put(mail.id(), new Send(mail));
      }
      case DeliveryEvent.Began(DueMail mail) -> {
        Send send = sends.computeIfAbsent(mail.id(), id -> new Send(mail));
        send.since = System.nanoTime();
        send.begun = true;
        byThread.put(Thread.currentThread(), send);
      }
      case DeliveryEvent.Ended end -> ended(end);
      case DeliveryEvent.Recorded recorded -> {}
      case DeliveryEvent.SignupStored stored -> {}
      case DeliveryEvent.Recovered recovered -> {}
      case DeliveryEvent.MailServer server -> {}
      case DeliveryEvent.Paused paused -> {}
      case DeliveryEvent.ClockSetBack clock -> {}
      case DeliveryEvent.StoreTrouble trouble -> {}
      case DeliveryEvent.DrainBegan drain -> {}
      case DeliveryEvent.Draining drain -> {}
    }
  }

  private void ended(DeliveryEvent.Ended end) {
    Send send = byThread.remove(Thread.currentThread());
    if (send != null) {
      sends.remove(end.mail().id(), send); // and not the one of its next try
    } else {
      sends.remove(end.mail().id()); // it has ended without having begun: its attempts are used up
    }
    Ended last =
        new Ended(
            end.mail().id(),
            end.mail().attempts(),
            end.outcome().word(),
            end.took(),
            System.nanoTime());
    synchronized (ended) {
      ended.addFirst(last);
      if (ended.size() > ENDED) {
        ended.removeLast();
      }
    }
  }

  @Override
  public void awaiting(SmtpPhase phase) {
    Send send = byThread.get(Thread.currentThread());
    if (send != null && send.phase != phase) {
      send.phase = phase;
      send.since = System.nanoTime();
    }
  }

  @Override
  public void answered(SmtpPhase phase, int code) {}

  private void forget() {
    sends.values().removeIf(send -> !send.begun && send.age().compareTo(FORGOTTEN) > 0);
  }

  /** The oldest first. A claimed e-mail whose task got no thread is forgotten after a while. */
  List<Send> running() {
    forget();
    return sends.values().stream().sorted(Comparator.comparingLong(s -> s.claimed)).toList();
  }

  /** The last ones, the latest first. */
  List<Ended> ended() {
    synchronized (ended) {
      return List.copyOf(ended);
    }
  }
}
