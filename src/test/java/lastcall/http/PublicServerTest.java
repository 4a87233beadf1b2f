package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import lastcall.config.AppConfig;
import org.junit.jupiter.api.Test;

class PublicServerTest {
  @Test
  void closesConnectionsWhileDrainingAndThenRefuses() throws IOException {
    try (ServerFixture fixture = new ServerFixture(ServerFixture::accept);
        HttpTestClient first = fixture.client();
        HttpTestClient second = fixture.client()) {
      first.send(post(GOOD));
      assertEquals("keep-alive", first.read().header("connection"));
      fixture.server.startDraining();
      first.send(post(GOOD));
      var last = first.read();
      assertEquals(202, last.status());
      assertEquals("close", last.header("connection"));
      assertTrue(first.ended());
      fixture.server.stopAdmitting();
      second.send(post(GOOD));
      var refused = second.read();
      assertEquals(503, refused.status());
      assertEquals("close", refused.header("connection"));
      assertEquals("1", refused.header("retry-after"));
      assertTrue(second.ended());
      assertTrue(fixture.server.inFlight().awaitNone(Duration.ofSeconds(30)));
    }
  }

  @Test
  void losesNoAdmittedRequestWhenStoppedUnderLoad() throws Exception {
    long seed = System.nanoTime();
    System.out.println("losesNoAdmittedRequestWhenStoppedUnderLoad seed=" + seed);
    Random random = new Random(seed);
    int clients = 32;
    for (int round = 0; round < 20; round++) {
      AtomicInteger handled = new AtomicInteger();
      AtomicInteger accepted = new AtomicInteger();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      int stopAfter = random.nextInt(600);
      CountDownLatch reached = new CountDownLatch(stopAfter);
      ServerFixture fixture =
          new ServerFixture(
              request -> {
                handled.incrementAndGet();
                reached.countDown();
                return ServerFixture.accept(request);
              });
      Thread[] threads = new Thread[clients];
      for (int i = 0; i < clients; i++) {
        threads[i] =
            Thread.ofVirtual().start(() -> postUntilClosed(fixture, accepted, failure));
      }
      assertTrue(reached.await(30, TimeUnit.SECONDS), "no load, seed " + seed);
      fixture.server.stop();
      assertTrue(fixture.server.inFlight().awaitNone(Duration.ofSeconds(30)), "in flight");
      for (Thread thread : threads) {
        assertTrue(thread.join(Duration.ofSeconds(30)), "a client is stuck, seed " + seed);
      }
      assertEquals(null, failure.get(), "seed " + seed);
      assertEquals(handled.get(), accepted.get(), "seed " + seed + ", round " + round);
    }
  }

  @Test
  void losesNoAdmittedRequestWhenStoppedUnderLoad() throws Exception {
    long seed = System.nanoTime();
    System.out.println("losesNoAdmittedRequestWhenStoppedUnderLoad seed=" + seed);
    Random random = new Random(seed);
    int clients = 32;
    for (int round = 0; round < 20; round++) {
      AtomicInteger handled = new AtomicInteger();
      AtomicInteger accepted = new AtomicInteger();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      int stopAfter = random.nextInt(600);
      CountDownLatch reached = new CountDownLatch(stopAfter);
      ServerFixture fixture =
          new ServerFixture(
              request -> {
                handled.incrementAndGet();
                reached.countDown();
                return ServerFixture.accept(request);
              });
      Thread[] threads = new Thread[clients];
      for (int i = 0; i < clients; i++) {
        threads[i] =
            Thread.ofVirtual().start(() -> postUntilClosed(fixture, accepted, failure));
      }
      assertTrue(reached.await(30, TimeUnit.SECONDS), "no load, seed " + seed);
      fixture.server.stop();
      assertTrue(fixture.server.inFlight().awaitNone(Duration.ofSeconds(30)), "in flight");
      for (Thread thread : threads) {
        assertTrue(thread.join(Duration.ofSeconds(30)), "a client is stuck, seed " + seed);
      }
      assertEquals(null, failure.get(), "seed " + seed);
      assertEquals(handled.get(), accepted.get(), "seed " + seed + ", round " + round);
    }
  }
}
