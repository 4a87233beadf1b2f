package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lastcall.config.AppConfig;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class OverloadTest {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  private final CountDownLatch release = new CountDownLatch(1);
  private final PasswordHasher hasher =
      new PasswordHasher(
          new AppConfig.Password(8, 1, 30), Duration.ofSeconds(60), (password, like) -> stuck());

  private String stuck() {
    try {
      release.await();
      return "a hash";
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private SignupOutcome signUp(SignupRequest request) {
    try {
      return switch (hasher.hash(request.password(), null)) {
        case PasswordHasher.Hash hash -> ServerFixture.accept(request);
        case PasswordHasher.Busy busy -> SignupOutcome.Unavailable.busy(busy);
        case PasswordHasher.Stopping stopping -> new SignupOutcome.Stopping();
      };
    } catch (InterruptedException e) {
      throw new AssertionError("cut off", e);
    }
  }

  /** Each waits for its hash, or is hashed. */
  private List<HttpTestClient> fill(ServerFixture fixture) throws IOException {
    List<HttpTestClient> clients = new ArrayList<>();
    for (int i = 0; i < PROCESSORS + 30; i++) {
      HttpTestClient client = fixture.client();
      client.send(post(GOOD));
      clients.add(client);
    }
    TestDatabase.await("all wait for the hash", () -> hasher.callers() == clients.size());
    return clients;
  }

  /** So that nothing is done in vain for who can't be served: what is no JSON is told 503 too. */
  @Test
  void refusesBeforeTheBodyIsParsed() throws Exception {
    try (ServerFixture fixture = new ServerFixture(hasher, this::signUp);
        HttpTestClient client = fixture.client()) {
      List<HttpTestClient> before = fill(fixture);
      client.send(post("no JSON"));
      var answer = client.read();
      assertEquals(503, answer.status());
      assertTrue(Integer.parseInt(answer.header("retry-after")) >= 1, answer::toString);
      assertEquals("keep-alive", answer.header("connection"));
      assertEquals(1, hasher.refused());
      release.countDown();
      for (HttpTestClient one : before) {
        assertEquals(202, one.read().status());
        one.close();
      }
    }
  }

  /** A stall of the machine makes it later, never sooner. */
  @Test
  void readsNothingMoreOfARefusedClientForAWhile() throws Exception {
    try (ServerFixture fixture = new ServerFixture(OverloadTest::unavailable);
        HttpTestClient client = fixture.client()) {
      client.send(post(GOOD));
      assertEquals(503, client.read().status());
      long answered = System.nanoTime();
      client.send(post(GOOD));
      assertEquals(503, client.read().status());
      long pause = System.nanoTime() - answered;
      assertTrue(pause > 900_000_000, "asked again and answered after " + pause + " ns");
    }
  }

  /** Once more if the machine stalled for so long that the client was held up no more. */
  @Test
  void answersAtTheStopWhoIsHeldUp() throws Exception {
    int handled = heldUpAtTheStop();
    for (int stalls = 0; handled == 2 && stalls < 5; stalls++) {
      handled = heldUpAtTheStop();
    }
    assertEquals(1, handled);
  }

  /** Returns how many of two requests were handled; the second is always answered. */
  private static int heldUpAtTheStop() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    ServerFixture fixture =
        new ServerFixture(request -> {
          handled.incrementAndGet();
          return unavailable(request);
        });
    try (HttpTestClient client = fixture.client()) {
      client.send(post(GOOD));
      assertEquals(503, client.read().status());
      client.send(post(GOOD));
      assertEquals(0, fixture.stop());
      var answer = client.read();
      assertEquals(503, answer.status());
      if (handled.get() == 1) {
        assertTrue(answer.body().contains("urn:lastcall:problem:stopping"), answer::body);
      }
    }
    return handled.get();
  }

  /** Each is answered, and nobody is cut off, though the last would wait for ever. */
  @Test
  @Proves("P10")
  void theStopAnswersAtOnceWhoWaitsForTheHash() throws Exception {
    ServerFixture fixture = new ServerFixture(hasher, this::signUp);
    List<HttpTestClient> clients = fill(fixture);
    CompletableFuture<Integer> cutOff = CompletableFuture.supplyAsync(fixture::stop);
    TestDatabase.await("all who wait are told", () -> hasher.callers() == PROCESSORS);
    release.countDown();
    List<Integer> statuses = new ArrayList<>();
    for (HttpTestClient client : clients) {
      try (client) {
        var answer = client.read();
        statuses.add(answer.status());
        assertTrue(
            answer.status() == 202 || answer.body().contains("problem:stopping"), answer::body);
      }
    }
    assertEquals(30, statuses.stream().filter(status -> status == 503).count());
    assertEquals(0, cutOff.get(60, TimeUnit.SECONDS), "cut off");
  }

  private static SignupOutcome unavailable(SignupRequest request) {
    return new SignupOutcome.Unavailable("try later", Duration.ofSeconds(1));
  }
}
