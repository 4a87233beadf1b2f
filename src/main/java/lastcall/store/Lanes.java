package lastcall.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * What waits for the writer, in two lanes. Work for e-mails that exist goes first and is never
 * refused; it is bounded by the sends in flight. Sign-ups are bounded by {@value #MAX_SIGNUPS}.
 */
final class Lanes {
  /** More gains nothing, and makes the first of the group wait for the last. */
  private static final int GROUP = 256;

  /** A tenth of a second of work. */
  private static final int MAX_SIGNUPS = 1024;

  /** Waits for its next try, until that nanoTime. */
  private record Aside(Call<?, ?> call, long until) {
    static int compare(Aside a, Aside b) {
      return Long.signum(a.until - b.until);
    }
  }

  private final Deque<Call<?, ?>> first = new ArrayDeque<>();
  private final Deque<Call<?, ?>> signups = new ArrayDeque<>();
  private final PriorityQueue<Aside> aside = new PriorityQueue<>(Aside::compare);
  private boolean signupsClosed;
  private boolean closed;

  synchronized void addFirst(Call<?, ?> call) throws DatabaseException {
    if (closed) {
      throw new DatabaseException("the database is closed");
    }
    first.add(call);
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

  /** Takes no more sign-ups after {@code last}; when that is done, all that got in are. */
  synchronized void closeSignups(Call<?, ?> last) {
    signupsClosed = true;
    signups.add(last);
    notifyAll();
  }

  /**
   * What must not be lost is tried again after that pause, and holds up nobody meanwhile; false
   * once closed, when nothing runs any more.
   */
  synchronized boolean putAside(Call<?, ?> call, Duration pause) {
    if (!closed) {
      aside.add(new Aside(call, System.nanoTime() + pause.toNanos()));
    }
    return !closed;
  }

  /** Ends everything: what waits fails, what comes is refused. */
  synchronized void close() {
    closed = true;
    signupsClosed = true;
    for (Deque<Call<?, ?>> lane : List.of(first, signups)) {
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
    long until = System.nanoTime() + patience.toNanos();
    long left = Math.min(patience.toNanos(), nanosUntilNextTry());
    while (first.isEmpty() && signups.isEmpty() && !closed && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = Math.min(until - System.nanoTime(), nanosUntilNextTry());
    }
    List<Call<?, ?>> group = new ArrayList<>(GROUP); // or a call is lost if there is no memory
    for (Deque<Call<?, ?>> lane : List.of(first, signups)) {
      while (group.size() < GROUP && !lane.isEmpty()) {
        Call<?, ?> call = lane.remove();
        if (call.take()) {
          group.add(call);
        }
      }
    }
    return group;
  }

  /** Queues again whose pause is over. */
  private long nanosUntilNextTry() {
    long now = System.nanoTime();
    for (Aside next = aside.peek(); next != null; next = aside.peek()) {
      if (next.until - now > 0) {
        return next.until - now;
      }
      first.add(aside.remove().call);
    }
    return Long.MAX_VALUE;
  }
}
