package lastcall.signup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import lastcall.config.AppConfig;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * Hashes passwords on a fixed pool of platform threads, one for each processor. With 64 hashes at
 * once on virtual threads, an unrelated virtual thread waited for 2 s; with this pool 11 to 28 ms.
 *
 * <p>Nothing else of a sign-up takes the processor for long, so an overload shows here. A sign-up
 * that would wait too long for a thread is refused at once.
 */
public final class PasswordHasher {
  /** What became of a password. */
  public sealed interface Outcome {}

  /**
   * @param phc in PHC string format
   */
  public record Hash(String phc) implements Outcome {}

  /**
   * Refused: too many wait.
   *
   * @param expectedWait an estimate: until all who wait now are hashed
   */
  public record Busy(Duration expectedWait) implements Outcome {}

  /** Not hashed: the stop came first. */
  public record Stopping() implements Outcome {}

  private static final EventLog LOG = EventLog.of(PasswordHasher.class);

  /** What a hash at OWASP's cost takes, until our own have been measured. */
  private static final long OWASP_NANOS = Duration.ofMillis(50).toNanos();

  private static final long OWASP_COST = 19456 * 2;

  /** Between two log lines about refusals, of which there may be a thousand a second. */
  private static final long LOG_PAUSE = Duration.ofSeconds(10).toNanos();

  private final AppConfig.Password config;
  private final long maxWaitNanos;
  private final int threads;
  private final BiFunction<String, @Nullable String, String> algorithm;
  private final ThreadPoolExecutor pool;
  private final AtomicInteger callers = new AtomicInteger(); // waiting for a thread, or hashing
  private final AtomicLong hashNanos; // a moving average
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger refusedUnlogged = new AtomicInteger();
  private final AtomicLong lastLog = new AtomicLong(System.nanoTime() - LOG_PAUSE);

  /**
   * @param maxWait a caller that would wait longer for a thread is refused
   */
  public PasswordHasher(AppConfig.Password config, Duration maxWait) {
    this(config, maxWait, new Argon2id(config)::hash);
  }

  /** With another algorithm, for tests that want to know when a hash begins and ends. */
  public PasswordHasher(
      AppConfig.Password config,
      Duration maxWait,
      BiFunction<String, @Nullable String, String> algorithm) {
    this.algorithm = algorithm;
    this.config = config;
    this.maxWaitNanos = maxWait.toNanos();
    this.hashNanos =
        new AtomicLong(OWASP_NANOS * config.memoryKib() * config.iterations() / OWASP_COST);
    int processors = Runtime.getRuntime().availableProcessors();
    this.threads = Math.clamp(config.hashesInHeap(), 1, processors);
    if (threads < processors) {
      LOG.warn(
          "fewer passwords are hashed at a time than there are processors, -Xmx is too low for more hashes=%s processors=%s",
          threads, processors);
    }
    this.pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(threads + config.maxQueued()), // never full, see callers
            Thread.ofPlatform().daemon().name("password-", 0).factory());
  }

  /**
   * Refuses, and counts, a caller that would wait too long, before more is done for its request.
   *
   * @return null if it would not: then {@link #hash} decides again
   */
  public @Nullable Busy refuseIfBusy() {
    return refuseIfBusy(callers.get());
  }

  private @Nullable Busy refuseIfBusy(int ahead) {
    long wait = ahead / threads * hashNanos.get();
    boolean taken = wait <= maxWaitNanos && ahead < threads + config.maxQueued();
    return taken ? null : refuse(wait);
  }

  private Busy refuse(long wait) {
    refused.incrementAndGet();
    int unlogged = refusedUnlogged.incrementAndGet();
    long last = lastLog.get();
    long now = System.nanoTime();
    if (now - last >= LOG_PAUSE && lastLog.compareAndSet(last, now)) {
      refusedUnlogged.addAndGet(-unlogged);
      LOG.warn(
          "sign-ups refused with 503, more come than the processors can hash refused=%s expected_wait=%s",
          unlogged, Duration.ofNanos(wait));
    }
    return new Busy(Duration.ofNanos(wait));
  }

  /**
   * Waits for a thread, and for the hash.
   *
   * @param like null for a new salt; or an earlier hash, whose salt and cost are used again: then
   *     the two are equal if the passwords are
   */
  public Outcome hash(String password, @Nullable String like) throws InterruptedException {
    int ahead = callers.getAndIncrement();
    try {
      Busy busy = refuseIfBusy(ahead);
      if (busy != null) {
        return busy;
      }
      FutureTask<String> hash = new FutureTask<>(() -> measured(password, like));
      pool.execute(hash);
      try {
        return new Hash(get(hash));
      } catch (TimeoutException e) { // the hashes before it took longer than estimated
        return refuse(ahead / threads * hashNanos.get());
      } catch (InterruptedException e) {
        pool.remove(hash); // or a thread would hash for a caller that has gone
        throw e;
      } catch (ExecutionException e) {
        throw new IllegalStateException("hashing failed", e.getCause());
      }
    } catch (CancellationException | RejectedExecutionException e) {
      return new Stopping();
    } finally {
      callers.decrementAndGet();
    }
  }

  /** However wrong the estimate was, nobody waits for a thread for more than twice maxWait. */
  private String get(FutureTask<String> hash)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return hash.get(2 * maxWaitNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      if (pool.remove(hash)) {
        throw e;
      }
      return hash.get(); // it has a thread, and so an end
    }
  }

  /** Answers callers that wait for a thread with {@link Stopping}; hashes that run go on. */
  public void stop() {
    pool.shutdown();
    List<Runnable> waiting = new ArrayList<>();
    // A caller that comes at this moment is in the queue, or its execute is rejected.
    pool.getQueue().drainTo(waiting);
    waiting.forEach(one -> ((FutureTask<?>) one).cancel(false));
  }

  /** How many callers wait for a thread, or for their hash. */
  public int callers() {
    return callers.get();
  }

  /** The refusals so far. */
  public int refused() {
    return refused.get();
  }

  private String measured(String password, @Nullable String like) {
    long begun = System.nanoTime();
    String phc = algorithm.apply(password, like);
    long took = System.nanoTime() - begun;
    // Bounded, or after a process was frozen for a minute clients would be told to wait an hour.
    hashNanos.updateAndGet(average -> average + (Math.min(took, 4 * average) - average) / 4);
    return phc;
  }
}
