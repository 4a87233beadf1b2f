package lastcall.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAccumulator;
import lastcall.drill.SignupClient.Answer;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Sign-ups from keep-alive clients, each on a thread of its own. What the clients read is one of
 * the three ledgers.
 */
final class Load {
  /**
   * How much of it.
   *
   * @param rate sign-ups a second of all clients together; 0 for as many as go
   */
  record Plan(int signups, int clients, double rate) {
    /** As sign-ups: until {@link #end}. */
    static final int OPEN = 1_000_000;

    boolean open() {
      return signups == OPEN;
    }

    /** Without an end and without another target, each client goes on with the next sign-up. */
    private boolean repeats(boolean patient) {
      return patient || !open();
    }
  }

  /** Where sign-ups go: each client stays with one, and goes on to the next when that fails. */
  interface Targets {
    int count();

    /** Of any number: the targets begin again behind the last. */
    int port(int i);

    /** Whether another will serve when one does not; or else its clients end. */
    boolean patient();

    static Targets one(int port) {
      return new Targets() {
        @Override
        public int count() {
          return 1;
        }

        @Override
        public int port(int i) {
          return port;
        }

        @Override
        public boolean patient() {
          return false;
        }
      };
    }
  }

  /** Hears of each 202, on the client's thread. */
  interface Watch {
    /** Sign-up {@code i}: when its request was sent and when its answer was read, by nanoTime. */
    void accepted(int i, long begun, long ended);
  }

  private static final int PAUSE = 100; // ms, when no target serves

  /** Then a client gives a sign-up up, or a service that refuses all would never be ended. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Plan plan;
  private final Targets targets;
  private final String name;
  private final Watch watch;
  private final long begun = System.nanoTime();
  private final LongAccumulator served = new LongAccumulator(Math::max, -1); // ns since begun
  private final AtomicInteger next = new AtomicInteger();
  private final Map<String, Integer> ended = new ConcurrentHashMap<>();
  private final Semaphore accepted = new Semaphore(0);
  private final AtomicInteger acceptedCount = new AtomicInteger();
  private final AtomicInteger finished = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();
  private final AtomicInteger unavailable = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch clients;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Begins at once.
   *
   * @param name begins each address, so that those of two loads differ
   */
  Load(Plan plan, Targets targets, String name) {
    this(plan, targets, name, (i, begun, ended) -> {});
  }

  /** The same, watched. */
  Load(Plan plan, Targets targets, String name, Watch watch) {
    this.watch = watch;
    this.plan = plan;
    this.targets = targets;
    this.name = name;
    clients = new CountDownLatch(plan.clients());
    for (int i = 0; i < plan.clients(); i++) {
      int first = i % targets.count();
      Thread.ofVirtual().name("client-" + i).start(() -> client(first));
    }
  }

  /** Of a sign-up of the load with that name. */
  static String address(String name, int i) {
    return name + "." + i + "@drill.example";
  }

  private void client(int first) {
    int target = first;
    int failed = 0; // targets, one after the other
    try (SignupClient client = new SignupClient(targets.port(target))) {
      int i = next.getAndIncrement();
      Deadline giveUp = Deadline.in(PATIENCE);
      boolean again = false;
      while (i < plan.signups() && !waitForTurn(i)) {
        String email = address(name, i);
        long begins = System.nanoTime();
        Answer answer = client.signUpWithKey(email, email);
        int status = answer.status();
        if (status == 202) {
          watch.accepted(i, begins, System.nanoTime());
        }
        unavailable.addAndGet(status == 503 ? 1 : 0);
        repeated.addAndGet(again && status != Answer.NOT_SENT ? 1 : 0);
        again = status == 503 && plan.repeats(targets.patient()) && !giveUp.passed();
        if (status != Answer.NOT_SENT) {
          ended.put(email, status); // the last answer counts
        }
        if (!again && status != Answer.NOT_SENT) {
          finished.incrementAndGet();
          i = next.getAndIncrement();
          giveUp = Deadline.in(PATIENCE);
        }
        if (status == 202) {
          served.accumulate(begins - begun);
          acceptedCount.incrementAndGet();
          accepted.release();
          failed = 0;
        } else if (targets.patient()) {
          client.moveTo(targets.port(++target));
          if (++failed % targets.count() == 0) {
            over.await(PAUSE, TimeUnit.MILLISECONDS);
          }
        } else if (status == Answer.NOT_SENT) {
          return; // nobody listens any more
        } else if (again) {
          over.await(answer.retryAfter().toMillis(), TimeUnit.MILLISECONDS);
        }
        if (plan.open() && !targets.patient() && answer.closes()) {
          return; // or a connection made just before the listener closed would count as cut off
        }
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure.compareAndSet(null, e);
    } finally {
      clients.countDown();
    }
  }

  /** Returns true when the load is over before. */
  private boolean waitForTurn(int i) throws InterruptedException {
    if (plan.rate() == 0 || over.getCount() == 0) {
      return over.getCount() == 0;
    }
    long due = begun + (long) (i / plan.rate() * 1e9);
    return over.await(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  int accepted() {
    return acceptedCount.get();
  }

  double seconds() {
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Whether a request that began after that time was answered 202. */
  boolean servedSince(long nanoTime) {
    return served.get() > nanoTime - begun;
  }

  /** Sign-ups that have not ended; none once the clients have. */
  int left() {
    return clients.getCount() == 0 ? 0 : plan.signups() - finished.get();
  }

  /** How many sign-ups were sent again after a 503. */
  int repeated() {
    return repeated.get();
  }

  /** How many answers were 503. */
  int unavailable() {
    return unavailable.get();
  }

  /** Waits until so many 202 were read since the last call, or all clients have ended. */
  void awaitAccepted(int count) throws InterruptedException {
    // Bounded: each sign-up has its bound, and their number too.
    while (!accepted.tryAcquire(count, 10, TimeUnit.MILLISECONDS) && clients.getCount() > 0) {}
  }

  /**
   * Begins no more sign-ups, and waits for those that have begun.
   *
   * @return how each sign-up ended, by address: a status, or one of {@link Answer}'s constants
   */
  Map<String, Integer> end() throws InterruptedException {
    over.countDown();
    // A client waits as long for an answer.
    if (!clients.await(ServiceProcess.GUARD.toSeconds() + 5, TimeUnit.SECONDS)) {
      throw new IllegalStateException(clients.getCount() + " clients do not end");
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new IllegalStateException("a client failed: " + thrown, thrown);
    }
    return Map.copyOf(ended);
  }
}
