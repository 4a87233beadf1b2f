package lastcall.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import lastcall.shutdown.Deadline;

/**
 * The calls that wait for the writer, in two lanes. Those for e-mails that exist go first and are
 * never refused: the sends in flight bound their number. Of sign-ups at most {@value #MAX_SIGNUPS}
 * wait.
 */
final class Lanes {
  /** A larger group commits no more calls a second, and its first call waits for its last. */
  private static final int GROUP = 256;

  /** About a tenth of a second of the writer's work. */
  private static final int MAX_SIGNUPS = 1024;

  /** A call that is tried again then. */
  private record Aside(Call<?, ?> call, Deadline until) {
    static int compare(Aside a, Aside b) {
      return Long.signum(a.until.at() - b.until.at());
    }
  }

  private final Deque<Call<?, ?>> outbox = new ArrayDeque<>();
  private final Deque<Call<?, ?>> signups = new ArrayDeque<>();
  private final PriorityQueue<Aside> aside = new PriorityQueue<>(Aside::compare);
  private boolean signupsClosed;
  private boolean closed;

  synchronized void addOutbox(Call<?, ?> call) throws DatabaseException {
    if (closed) {
      throw new DatabaseException("the database is closed");
    }
    outbox.add(call);
    notifyAll();
  }

  synchronized void addSignup(Call<?, ?> call) throws DatabaseException {
    if (signupsClosed) {
      throw new DatabaseException("the database is closed for sign-ups");
    }
    if (signups.size() >= MAX_SIGNUPS) {
      throw new DatabaseException("too many sign-ups wait for the database");
    }
    signups.add(call);
    notifyAll();
  }

  /** Takes no more sign-ups behind {@code last}: when that is done, all before it are done. */
  synchronized void closeSignups(Call<?, ?> last) {
    signupsClosed = true;
    signups.add(last);
    notifyAll();
  }

  /**
   * Queues a call that must be kept once more after that pause; it holds up nobody meanwhile.
   *
   * @return false once closed, when nothing runs any more
   */
  synchronized boolean putAside(Call<?, ?> call, Duration pause) {
    if (!closed) {
      aside.add(new Aside(call, Deadline.in(pause)));
    }
    return !closed;
  }

  /** Fails the calls that wait, and refuses those that come. */
  synchronized void close() {
    closed = true;
    signupsClosed = true;
    for (Deque<Call<?, ?>> lane : List.of(outbox, signups)) {
      lane.forEach(call -> call.fail(new DatabaseException("the database is closed")));
      lane.clear();
    }
    aside.clear(); // nobody waits for these
    notifyAll();
  }

  synchronized boolean closed() {
    return closed;
  }

  /** The next group, taken; empty when nothing came within {@code patience}. */
  synchronized List<Call<?, ?>> take(Duration patience) throws InterruptedException {
    Deadline end = Deadline.in(patience);
    Deadline next = queuePutAside(end);
    while (outbox.isEmpty() && signups.isEmpty() && !closed && !end.passed()) {
      TimeUnit.NANOSECONDS.timedWait(this, next.remaining().toNanos());
      next = queuePutAside(end);
    }
    // Allocated before a call is taken: without memory for it, calls would be lost.
    List<Call<?, ?>> group = new ArrayList<>(GROUP);
    for (Deque<Call<?, ?>> lane : List.of(outbox, signups)) {
      while (group.size() < GROUP && !lane.isEmpty()) {
        Call<?, ?> call = lane.remove();
        if (call.take()) {
          group.add(call);
        }
      }
    }
    return group;
  }

  /** Queues the calls whose pause is over; returns when the next one's is, at most {@code end}. */
  private Deadline queuePutAside(Deadline end) {
    for (Aside next = aside.peek(); next != null; next = aside.peek()) {
      if (!next.until.passed()) {
        return next.until.or(end);
      }
      outbox.add(aside.remove().call);
    }
    return end;
  }
}
