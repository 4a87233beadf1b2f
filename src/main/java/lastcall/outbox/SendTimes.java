package lastcall.outbox;

import java.time.Duration;

/** The last hundred sends: the slowest tells whether one more fits before the deadline. */
final class SendTimes {
  private final long[] nanos = new long[100];
  private int next;

  synchronized void add(Duration took) {
    nanos[next] = took.toNanos();
    next = (next + 1) % nanos.length;
  }

  synchronized Duration slowest() {
    long max = 0;
    for (long n : nanos) {
      max = Math.max(max, n);
    }
    return Duration.ofNanos(max);
  }
}
