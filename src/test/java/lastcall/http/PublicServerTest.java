package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.junit.jupiter.api.Test;

class PublicServerTest {
  @Test
  void closesConnectionsWhenLeavingAndThenRefuses() throws IOException {
    try (ServerFixture fixture = new ServerFixture(ServerFixture::accept);
        HttpTestClient first = fixture.client();
        HttpTestClient second = fixture.client()) {
      first.send(post(GOOD));
      assertEquals("keep-alive", first.read().header("connection"));
      fixture.server.leave();
      first.send(post(GOOD));
      var last = first.read();
      assertEquals(202, last.status());
      assertEquals("close", last.header("connection"));
      assertTrue(first.ended());
      fixture.server.refuse();
      second.send(post(GOOD));
      var refused = second.read();
      assertEquals(503, refused.status());
      assertEquals("close", refused.header("connection"));
      assertEquals("1", refused.header("retry-after"));
      assertTrue(second.ended());
      assertEquals(0, fixture.stop());
      assertEquals(0, fixture.stop(), "the second time");
    }
  }

  @Test
  void cutsOffAHandlerThatCanBeInterrupted() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    assertCutOff(() -> {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    });
    assertTrue(interrupted.await(30, TimeUnit.SECONDS), "not interrupted");
  }

  @Test
  void leavesBehindAHandlerThatIgnoresInterrupts() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try {
      assertCutOff(() -> {
        while (!over.get()) {
          Thread.interrupted();
          LockSupport.parkNanos(1_000_000);
        }
      });
    } finally {
      over.set(true);
    }
  }

  /** Here the stop must return at all; that it does so in time, its phase's bound enforces. */
  private static void assertCutOff(Runnable work) throws Exception {
    CountDownLatch entered = new CountDownLatch(2);
    try (ServerFixture fixture =
            new ServerFixture(
                request -> {
                  entered.countDown();
                  work.run();
                  return ServerFixture.accept(request);
                },
                ServerFixture.LIMITS,
                Duration.ofMillis(200));
        HttpTestClient first = fixture.client();
        HttpTestClient second = fixture.client()) {
      first.send(post(GOOD));
      second.send(post(GOOD));
      assertTrue(entered.await(30, TimeUnit.SECONDS), "the handlers were not called");
      CompletableFuture<Integer> cutOff = CompletableFuture.supplyAsync(fixture::stop);
      assertEquals(2, cutOff.get(30, TimeUnit.SECONDS));
      assertTrue(first.ended(), "answered although cut off");
      assertTrue(second.ended(), "answered although cut off");
    }
  }

  @Test
  void logsAnUnexpectedExceptionOnce() throws Exception {
    RuntimeException cause = new IllegalStateException("on purpose");
    List<Throwable> traces =
        tracesOf(
            request -> {
              throw cause;
            },
            client -> {
              var response = client.read();
              assertEquals(500, response.status());
              assertEquals("application/problem+json", response.header("content-type"));
              assertTrue(!response.body().contains("on purpose"), response.body());
            });
    assertEquals(1, traces.size(), traces::toString);
    assertSame(cause, traces.getFirst().getCause());
  }

  @Test
  void logsNothingOfAClientThatHasGone() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    List<Throwable> traces =
        tracesOf(
            request -> {
              entered.countDown();
              try {
                gone.await();
              } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
              }
              return ServerFixture.accept(request);
            },
            client -> {
              assertTrue(entered.await(30, TimeUnit.SECONDS), "the handler was not called");
              client.socket.setSoLinger(true, 0); // the end is a reset
              client.close();
              gone.countDown();
            });
    assertEquals(List.of(), traces);
  }

  private interface Check {
    void accept(HttpTestClient client) throws Exception;
  }

  /** The stack traces logged while one request is made, until its thread has ended. */
  private static List<Throwable> tracesOf(
      Function<SignupRequest, SignupOutcome> signup, Check check) throws Exception {
    try (Traces traces = new Traces();
        ServerFixture fixture = new ServerFixture(signup);
        HttpTestClient client = fixture.client()) {
      client.send(post(GOOD));
      check.accept(client);
      assertEquals(0, fixture.stop());
      return traces.thrown();
    }
  }
}
