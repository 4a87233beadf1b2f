package lastcall.drill;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import lastcall.drill.SignupClient.Answer;
import org.jspecify.annotations.Nullable;

/** Sign-ups from keep-alive clients, each on a thread of its own: another of the three ledgers. */
final class Load {
  /**
   * How much of it.
   *
   * @param rate sign-ups a second of all clients together; 0 for as many as go
   */
  record Plan(int signups, int clients, double rate) {}

  private final Plan plan;
  private final int port;
  private final String name;
  private final long begun = System.nanoTime();
  private final AtomicInteger next = new AtomicInteger();
  private final Map<String, Integer> ended = new ConcurrentHashMap<>();
  private final Semaphore accepted = new Semaphore(0);
  private final AtomicInteger acceptedCount = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch clients;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /**
   * Begins at once.
   *
   * @param name begins each address, so that those of two loads differ
   */
  Load(Plan plan, int port, String name) {
    this.plan = plan;
    this.port = port;
    this.name = name;
    clients = new CountDownLatch(plan.clients());
    for (int i = 0; i < plan.clients(); i++) {
      Thread.ofVirtual().name("client-" + i).start(this::client);
    }
  }

  private void client() {
    try (SignupClient client = new SignupClient(port)) {
      int i = next.getAndIncrement();
      while (i < plan.signups() && !waitForTurn(i)) {
        String email = name + "." + i + "@drill.example";
        int status = client.signUp(email).status();
        if (status == Answer.NOT_SENT) {
          return; // nobody listens any more
        }
        ended.put(email, status);
        if (status == 202) {
          acceptedCount.incrementAndGet();
          accepted.release();
        }
        i = next.getAndIncrement();
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure.compareAndSet(null, e);
    } finally {
      clients.countDown();
    }
  }

  /** Returns true when the load is over before. */
  private boolean waitForTurn(int i) throws InterruptedException {
    if (plan.rate() == 0) {
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

  /** Waits until so many 202 were read since the last call, or all clients have ended. */
  void awaitAccepted(int count) throws InterruptedException {
    // Bounded: each request has its bound, and their number too.
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
