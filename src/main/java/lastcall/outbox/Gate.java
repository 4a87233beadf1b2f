package lastcall.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lastcall.mail.SmtpFailure;
import lastcall.store.DueMail;
import org.jspecify.annotations.Nullable;

/**
 * Closed while the server is in trouble, for all e-mails alike: then one probe at a time, 0.5 s to
 * 5 s apart, finds out when it is back. So an outage costs no e-mail an attempt, and the server no
 * stampede. Whoever opens or closes it gets the event and tells it, outside the gate's monitor.
 */
final class Gate {
  private static final long FIRST_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LAST_NANOS = Duration.ofSeconds(5).toNanos();

  /** This many final dots without an answer, one after the other, are the server's trouble too. */
  private static final int SILENCES = 3;

  private boolean closed;

  /** The one that was let through; what other sends tell, which began before, is old. */
  private @Nullable String probe;

  private long pauseNanos;
  private long nextProbe;
  private int silences;

  /** How many sends may begin now, of {@code free} slots. */
  synchronized int permits(int free) {
    if (!closed) {
      return free;
    }
    return probe != null || System.nanoTime() - nextProbe < 0 ? 0 : Math.min(free, 1);
  }

  /** How long until {@link #permits} may grow; a probe that ends wakes the dispatcher besides. */
  synchronized Duration untilProbe() {
    return closed ? Duration.ofNanos(Math.max(0, nextProbe - System.nanoTime())) : Duration.ZERO;
  }

  /** Call with what is claimed, before the first of it can have ended. */
  synchronized void begin(List<DueMail> mails) {
    if (closed && !mails.isEmpty()) {
      probe = mails.getFirst().id();
    }
  }

  /** The server spoke about an e-mail, whatever it said: it works. */
  synchronized Optional<DeliveryEvent> answered() {
    silences = 0;
    if (!closed) {
      return Optional.empty();
    }
    closed = false;
    probe = null;
    return Optional.of(new DeliveryEvent.GateOpened());
  }

  synchronized Optional<DeliveryEvent> unanswered(String id, SmtpFailure failure) {
    silences++;
    return closed || silences >= SILENCES ? trouble(id, failure) : Optional.empty();
  }

  synchronized Optional<DeliveryEvent> trouble(String id, SmtpFailure failure) {
    boolean was = closed;
    if (was && !id.equals(probe)) {
      return Optional.empty(); // sends that began before the gate closed say nothing new
    }
    closed = true;
    probe = null;
    pauseNanos = was ? Math.min(2 * pauseNanos, LAST_NANOS) : FIRST_NANOS;
    nextProbe = System.nanoTime() + pauseNanos;
    return was ? Optional.empty() : Optional.of(new DeliveryEvent.GateClosed(failure));
  }

  /** A send ended without a word about the server. */
  synchronized void ended(String id) {
    if (id.equals(probe)) {
      probe = null;
    }
  }
}
