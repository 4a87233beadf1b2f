package lastcall.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lastcall.mail.SendOutcome;
import lastcall.mail.SmtpFailure;
import lastcall.shutdown.Deadline;
import lastcall.store.DueMail;
import org.jspecify.annotations.Nullable;

/**
 * Closed while the mail server is in trouble, for all e-mails alike: then one probe at a time, 0.5
 * s to 5 s apart, finds out when it is back. So an outage costs no e-mail an attempt, and the
 * server no stampede. The send that opens or closes it gets the event, and passes it on outside the
 * gate's monitor.
 */
final class Gate {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(5);

  /** This many final dots without an answer, one after the other, are the server's trouble too. */
  private static final int SILENCES = 3;

  private boolean closed;
  private boolean stopped;

  /** The e-mail that was let through. Sends that began before the gate closed say nothing new. */
  private @Nullable String probe;

  private Duration pause = FIRST_PAUSE;
  private Deadline nextProbe = Deadline.in(Duration.ZERO);
  private int silences;

  /** How many sends may begin now, of {@code free} slots. */
  synchronized int permits(int free) {
    if (!closed) {
      return free;
    }
    return probe != null || !nextProbe.passed() ? 0 : Math.min(free, 1);
  }

  synchronized boolean closed() {
    return closed;
  }

  /** From now on sends are cut by us, and what they end with says nothing about the server. */
  synchronized void stop() {
    stopped = true;
  }

  /** How long until {@link #permits} may grow; a probe that ends wakes the dispatcher besides. */
  synchronized Duration untilProbe() {
    return closed ? nextProbe.remaining() : Duration.ZERO;
  }

  /** Call with what is claimed, before the first of it can have ended. */
  synchronized void begin(List<DueMail> mails) {
    if (closed && !mails.isEmpty()) {
      probe = mails.getFirst().id();
    }
  }

  /** How the send ended: returns the event if that opens or closes the gate. */
  synchronized Optional<DeliveryEvent> ended(String id, SendOutcome outcome) {
    return switch (outcome) {
      case SendOutcome.Sent sent -> answered();
      case SendOutcome.Refused refused -> answered();
      case SendOutcome.Deferred deferred -> answered();
      case SendOutcome.ServerTrouble(SmtpFailure failure) -> trouble(id, failure);
      case SendOutcome.Unknown(SmtpFailure failure) -> {
        silences++;
        yield closed || silences >= SILENCES ? trouble(id, failure) : Optional.empty();
      }
      case SendOutcome.NotSent notSent -> neverSent(id);
      case SendOutcome.Failed failed -> neverSent(id);
    };
  }

  /** A claimed e-mail whose send never began, or ended without a word about the server. */
  synchronized Optional<DeliveryEvent> neverSent(String id) {
    if (id.equals(probe)) {
      probe = null;
    }
    return Optional.empty();
  }

  /** The server spoke about an e-mail, whatever it said: it works. */
  private Optional<DeliveryEvent> answered() {
    silences = 0;
    if (!closed) {
      return Optional.empty();
    }
    closed = false;
    probe = null;
    return Optional.of(new DeliveryEvent.GateOpened());
  }

  private Optional<DeliveryEvent> trouble(String id, SmtpFailure failure) {
    boolean was = closed;
    if (stopped || (was && !id.equals(probe))) {
      return Optional.empty();
    }
    closed = true;
    probe = null;
    Duration doubled = pause.multipliedBy(2);
    pause = !was ? FIRST_PAUSE : doubled.compareTo(LAST_PAUSE) > 0 ? LAST_PAUSE : doubled;
    nextProbe = Deadline.in(pause);
    return was ? Optional.empty() : Optional.of(new DeliveryEvent.GateClosed(failure));
  }
}
