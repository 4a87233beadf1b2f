package lastcall.fuzz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.fuzz.Answers.Answer;
import lastcall.fuzz.Exchange.End;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;
import org.jspecify.annotations.Nullable;

/** Many exchanges at a time with one port, and what is wrong with how they ended. */
final class HttpFuzz {
  private static final int CLIENTS = 24;
  private static final int BATCH = 32 * CLIENTS;
  private static final int TRIES_TO_SHRINK = 400;

  private final long seed;
  private final FuzzClient client;
  private final Set<Integer> allowed;
  private final RandomGenerator<Exchange> generator;
  final Ledger ledger = new Ledger();
  private final Map<String, AtomicInteger> counts = new ConcurrentSkipListMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger next = new AtomicInteger();
  private int batches;

  /**
   * @param allowed statuses; any other is a failure
   */
  HttpFuzz(long seed, FuzzClient client, Set<Integer> allowed, Arbitrary<Exchange> exchanges) {
    this.seed = seed;
    this.client = client;
    this.allowed = allowed;
    this.generator = exchanges.generator(1_000, false);
  }

  /** Another seed each time, unless -Dlastcall.seed= names one. */
  static long seed(String test) {
    long seed = Long.getLong("lastcall.seed", System.nanoTime());
    System.out.println(test + " -Dlastcall.seed=" + seed);
    return seed;
  }

  /** Answers, and connections that were closed without one. */
  int requests() {
    return requests.get();
  }

  Map<String, AtomicInteger> counts() {
    return counts;
  }

  /** Goes on until there were so many requests. */
  void runUntil(int wanted) throws Exception {
    while (requests() < wanted) {
      Random random = new Random(seed + batches++);
      List<Shrinkable<Exchange>> batch = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        batch.add(generator.next(random));
      }
      run(batch);
    }
  }

  private void run(List<Shrinkable<Exchange>> batch) throws Exception {
    List<Exchange> exchanges = batch.stream().map(Shrinkable::value).toList(); // on this thread
    List<Callable<@Nullable String>> work = new ArrayList<>();
    for (int first = 0; first < CLIENTS; first++) {
      int own = first;
      work.add(() -> {
        for (int i = own; i < exchanges.size(); i += CLIENTS) {
          String wrong = wrong(exchanges.get(i));
          if (wrong != null) {
            return i + ":" + wrong;
          }
        }
        return null;
      });
    }
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<@Nullable String>> ended = clients.invokeAll(work, 10, TimeUnit.MINUTES);
      for (Future<@Nullable String> each : ended) {
        if (each.isCancelled()) {
          throw new AssertionError("seed " + seed + ": a client hangs in batch " + batches);
        }
        String wrong = each.get();
        if (wrong != null) {
          String[] parts = wrong.split(":", 2);
          fail(batch.get(Integer.parseInt(parts[0])), parts[1]);
        }
      }
    }
  }

  /** What is wrong with how it ended; null for nothing. */
  private @Nullable String wrong(Exchange exchange) {
    try {
      FuzzClient.Result result = client.run(exchange, next.getAndIncrement());
      if (result.reset()) {
        ledger.doubt(exchange.shots());
        count(exchange.end() == End.GONE ? "left" : "reset");
      }
      if (result.answers().stream().noneMatch(Answer::isFinal)) {
        requests.incrementAndGet();
        count("no answer");
      }
      for (Answer answer : result.answers()) {
        count("" + answer.status());
        requests.addAndGet(answer.isFinal() ? 1 : 0);
        ledger.answered(answer);
        if (!allowed.contains(answer.status())) {
          return answer.toString();
        }
        // 408: the machine was stalled for longer than the limit.
        if (exchange.end() == End.GOOD && answer.status() != 202 && answer.status() != 408) {
          return "a good sign-up: " + answer;
        }
      }
      return null;
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void count(String what) {
    counts.computeIfAbsent(what, w -> new AtomicInteger()).incrementAndGet();
  }

  /**
   * Looks for a smaller exchange that fails alike. A good sign-up can't be repeated: it is taken.
   */
  private void fail(Shrinkable<Exchange> failed, String wrong) {
    Shrinkable<Exchange> least = failed;
    String why = wrong;
    int tries = 0;
    for (boolean smaller = failed.value().end() != End.GOOD; smaller; ) {
      smaller = false;
      Iterator<Shrinkable<Exchange>> candidates = least.shrink().iterator();
      while (!smaller && candidates.hasNext() && tries++ < TRIES_TO_SHRINK) {
        Shrinkable<Exchange> candidate = candidates.next();
        String also = candidate.value().shots().isEmpty() ? null : wrong(candidate.value());
        if (also != null && start(also).equals(start(wrong))) {
          least = candidate;
          why = also;
          smaller = true;
        }
      }
    }
    throw new AssertionError(
        "-Dlastcall.seed="
            + seed
            + "\n"
            + least.value()
            + "\ngot "
            + why
            + "\n(at first "
            + wrong
            + ")");
  }

  private static String start(String wrong) {
    return wrong.substring(0, Math.min(40, wrong.length()));
  }
}
