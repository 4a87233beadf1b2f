package lastcall.drill;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** When each sign-up of a load was answered 202, and when its e-mail was accepted, by nanoTime. */
final class Moments implements Load.Watch, Consumer<String> {
  /** Exact percentiles in milliseconds, in the order of {@link #NAMES}; 0 if none was measured. */
  record Latency(int count, List<Double> values) {
    static final List<String> NAMES = List.of("p50", "p90", "p99", "p99.9", "max");
    private static final List<Double> SHARES = List.of(0.5, 0.9, 0.99, 0.999, 1.0);

    private static Latency of(LongStream nanos) {
      long[] sorted = nanos.sorted().toArray();
      return new Latency(sorted.length, SHARES.stream().map(s -> percentile(sorted, s)).toList());
    }

    private static double percentile(long[] sorted, double share) {
      int rank = (int) Math.ceil(share * sorted.length);
      return rank == 0 ? 0 : sorted[rank - 1] / 1e6;
    }

    double p50() {
      return values.getFirst();
    }

    double p99() {
      return values.get(2);
    }
  }

  /** By nanoTime. */
  record Span(long from, long to) {
    double perSecond(int count) {
      return count / ((to - from) / 1e9);
    }

    private boolean contains(long time) {
      return time != 0 && time >= from && time < to;
    }
  }

  private final String prefix;
  private final AtomicLongArray begun; // 0: not yet, as in the others
  private final AtomicLongArray answered;
  private final AtomicLongArray accepted;

  /**
   * @param name of the load, with which its addresses begin
   */
  Moments(String name, int signups) {
    prefix = name + ".";
    begun = new AtomicLongArray(signups + 1);
    answered = new AtomicLongArray(signups + 1);
    accepted = new AtomicLongArray(signups + 1);
  }

  @Override
  public void accepted(int i, long begins, long ended) {
    begun.set(i, begins);
    answered.set(i, ended);
  }

  /** The sink has accepted an e-mail; perhaps one of the load before. */
  @Override
  public void accept(String recipient) {
    if (recipient.startsWith(prefix)) {
      int i = Integer.parseInt(recipient.substring(prefix.length(), recipient.indexOf('@')));
      accepted.compareAndSet(i, 0, System.nanoTime());
    }
  }

  private IntStream answeredWithin(Span span) {
    return IntStream.range(0, answered.length()).filter(i -> span.contains(answered.get(i)));
  }

  int acceptedWithin(Span span) {
    return (int)
        IntStream.range(0, accepted.length())
            .mapToLong(accepted::get)
            .filter(span::contains)
            .count();
  }

  /** From the request to its 202. */
  Latency answers(Span span) {
    return Latency.of(answeredWithin(span).mapToLong(i -> answered.get(i) - begun.get(i)));
  }

  /** From the 202 to the accepted final dot; 0 if the client read its 202 later than that. */
  Latency emails(Span span) {
    return Latency.of(
        answeredWithin(span)
            .filter(i -> accepted.get(i) != 0)
            .mapToLong(i -> Math.max(0, accepted.get(i) - answered.get(i))));
  }

  /** How many 202 came within each step. */
  List<Integer> answersBy(long from, Duration step, int steps) {
    return histogram(answered, from, step, steps);
  }

  /** How many e-mails were accepted within each step. */
  List<Integer> emailsBy(long from, Duration step, int steps) {
    return histogram(accepted, from, step, steps);
  }

  private static List<Integer> histogram(
      AtomicLongArray times, long from, Duration step, int steps) {
    int[] counts = new int[steps];
    IntStream.range(0, times.length())
        .mapToLong(times::get)
        .filter(new Span(from, from + steps * step.toNanos())::contains)
        .forEach(time -> counts[(int) ((time - from) / step.toNanos())]++);
    return IntStream.of(counts).boxed().toList();
  }

  /** 202 that were read before the time, and whose e-mail was not accepted by then. */
  int waiting(long time) {
    return (int)
        answeredWithin(new Span(Long.MIN_VALUE, time))
            .filter(i -> accepted.get(i) == 0 || accepted.get(i) >= time)
            .count();
  }

  /** The rate of the later half of all e-mails: the process has warmed up by then. */
  double laterHalfPerSecond() {
    LongStream all = IntStream.range(0, accepted.length()).mapToLong(accepted::get);
    long[] times = all.filter(time -> time != 0).sorted().toArray();
    int middle = times.length / 2;
    int last = times.length - 1;
    return (last - middle) / ((times[last] - times[middle]) / 1e9);
  }
}
