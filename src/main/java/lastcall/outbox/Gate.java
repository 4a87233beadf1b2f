package lastcall.outbox;

import java.time.Duration;

/**
 * Closed while the server is in trouble, for all e-mails alike: then one probe at a time, 0.5 s to 5
 * s apart, finds out when it is back. So an outage costs no e-mail an attempt, and the server no
 * stampede.
 */
final class Gate {
  private static final long FIRST_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LAST_NANOS = Duration.ofSeconds(5).toNanos();

  /** This many final dots without an answer, one after the other, are the server's trouble too. */
  private static final int SILENCES = 3;

  private final DeliveryListener listener;
  private boolean closed;
  private boolean probing;
  private long pauseNanos;
  private long nextProbe;
  private int silences;

  Gate(DeliveryListener listener) {
    this.listener = listener;
  }

  /** How many sends may begin now, of {@code free} slots. */
  synchronized int permits(int free) {
    if (!closed) {
      return free;
    }
    return probing || System.nanoTime() - nextProbe < 0 ? 0 : Math.min(free, 1);
  }

  /** How long until {@link #permits} may grow; a probe that ends wakes the dispatcher besides. */
  synchronized Duration untilProbe() {
    return closed ? Duration.ofNanos(Math.max(0, nextProbe - System.nanoTime())) : Duration.ZERO;
  }

  /** Call with the number of sends that begin. */
  synchronized void begin(int sends) {
    probing = closed && sends > 0;
  }

  /** The server spoke about an e-mail, whatever it said: it works. */
  synchronized void answered() {
    silences = 0;
    if (closed) {
      closed = false;
      probing = false;
      listener.on(new DeliveryEvent.GateOpened());
    }
  }

  synchronized void unanswered() {
    silences++;
    if (closed || silences >= SILENCES) {
      trouble("no answer to the final dot");
    }
  }

  synchronized void trouble(String why) {
    boolean was = closed;
    if (was && !probing) {
      return; // sends that began before the gate closed say nothing new
    }
    closed = true;
    probing = false;
    pauseNanos = was ? Math.min(2 * pauseNanos, LAST_NANOS) : FIRST_NANOS;
    nextProbe = System.nanoTime() + pauseNanos;
    if (!was) {
      listener.on(new DeliveryEvent.GateClosed(why));
    }
  }

  /** A send ended without a word about the server. */
  synchronized void ended() {
    probing = false;
  }
}
