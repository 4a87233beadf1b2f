package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StopUnderLoadTest {
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
          new ServerFixture(request -> {
            handled.incrementAndGet();
            reached.countDown();
            return ServerFixture.accept(request);
          });
      Thread[] threads = new Thread[clients];
      for (int i = 0; i < clients; i++) {
        threads[i] = Thread.ofVirtual().start(() -> postUntilClosed(fixture, accepted, failure));
      }
      assertTrue(reached.await(30, TimeUnit.SECONDS), "no load, seed " + seed);
      assertEquals(0, fixture.stop(), "cut off, seed " + seed);
      for (Thread thread : threads) {
        assertTrue(thread.join(Duration.ofSeconds(30)), "a client is stuck, seed " + seed);
      }
      assertEquals(null, failure.get(), "seed " + seed);
      assertEquals(handled.get(), accepted.get(), "seed " + seed + ", round " + round);
    }
  }

  private static void postUntilClosed(
      ServerFixture fixture, AtomicInteger accepted, AtomicReference<Throwable> failure) {
    try (HttpTestClient client = fixture.client()) {
      while (true) {
        client.send(post(GOOD));
        var response = client.read();
        if (response == null || response.status() != 202) {
          return;
        }
        accepted.incrementAndGet();
        if (response.header("connection").equals("close")) {
          return;
        }
      }
    } catch (java.net.SocketException e) {
      // refused or reset: nothing was admitted, which the sums prove
    } catch (IOException | RuntimeException e) {
      failure.set(e);
    }
  }

  /** Connections that come while the listener closes are refused, which is no error of ours. */
  @Test
  void logsNoTraceWhenClientsGoOnConnecting() throws Exception {
    try (Traces traces = new Traces()) {
      for (int round = 0; round < 20; round++) {
        ServerFixture fixture = new ServerFixture(ServerFixture::accept);
        CountDownLatch connected = new CountDownLatch(200);
        Thread[] threads = new Thread[32];
        for (int i = 0; i < threads.length; i++) {
          threads[i] = Thread.ofVirtual().start(() -> connectUntilRefused(fixture, connected));
        }
        assertTrue(connected.await(30, TimeUnit.SECONDS), "no load");
        assertEquals(0, fixture.stop(), "cut off");
        for (Thread thread : threads) {
          assertTrue(thread.join(Duration.ofSeconds(30)), "a client is stuck");
        }
      }
      assertEquals(List.of(), traces.thrown());
    }
  }

  private static void connectUntilRefused(ServerFixture fixture, CountDownLatch connected) {
    while (true) {
      try (HttpTestClient client = fixture.client()) {
        client.send(post(GOOD));
        client.read();
        connected.countDown();
      } catch (IOException | RuntimeException e) {
        return; // the port is closed, or was just then
      }
    }
  }

  /** Whoever has connected before the stop is answered, accepted by Helidon or not. */
  @Test
  void answersWhatWaitsInTheBacklog() throws Exception {
    for (int round = 0; round < 20; round++) {
      ServerFixture fixture = new ServerFixture(ServerFixture::accept);
      List<HttpTestClient> clients = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        HttpTestClient client = fixture.client();
        client.send(post(GOOD));
        clients.add(client);
      }
      CompletableFuture<Integer> cutOff = CompletableFuture.supplyAsync(fixture::stop);
      for (HttpTestClient client : clients) {
        try (client) {
          var response = client.read();
          assertNotNull(response, "no answer in round " + round);
          assertTrue(Set.of(202, 503).contains(response.status()), response::toString);
        }
      }
      assertEquals(0, cutOff.get(30, TimeUnit.SECONDS), "cut off");
    }
  }
}
