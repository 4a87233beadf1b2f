package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.testing.Proves;
import lastcall.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimeLimitsTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(60);

  private static ServerFixture limited(Duration request, Duration response, Duration idle) {
    return new ServerFixture(
        ServerFixture::accept,
        new AppConfig.Limits(16 * 1024, request, response, idle),
        Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "P",
        "POST /v1/us",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Ty",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Content-Length: 5\r\n\r\n{",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n5",
      })
  void endsASlowRequest(String part) throws IOException {
    try (ServerFixture fixture = limited(SHORT, LONG, LONG)) {
      for (String before : new String[] {"", post(GOOD)}) {
        try (HttpTestClient client = fixture.client()) {
          client.send(before + part);
          if (!before.isEmpty()) {
            assertEquals(202, client.read().status());
          }
          var response = client.read();
          assertNotNull(response);
          assertEquals(408, response.status());
          assertEquals("application/problem+json", response.header("content-type"));
          assertTrue(client.ended());
        }
      }
    }
  }

  /** Its own limit would end it long after the grace: nobody is cut off for that. */
  @Test
  @Proves("P1")
  void aRequestThatStillComesAtTheStopIsAnsweredWithinTheGrace() throws Exception {
    try (ServerFixture fixture =
            new ServerFixture(
                ServerFixture::accept,
                new AppConfig.Limits(16 * 1024, LONG, LONG, LONG),
                Duration.ofSeconds(4));
        HttpTestClient slow = fixture.client()) {
      slow.send(
          "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
              + "Content-Length: 5\r\n\r\n{");
      TestDatabase.await("the request is admitted", () -> fixture.server.inFlight() == 1);
      assertEquals(0, fixture.stop(), "requests cut off");
      var response = slow.read();
      assertNotNull(response);
      assertEquals(408, response.status());
    }
  }

  @Test
  void endsAnIdleConnection() throws IOException {
    try (ServerFixture fixture = limited(LONG, LONG, SHORT)) {
      try (HttpTestClient client = fixture.client()) {
        assertTrue(client.ended(), "nothing was sent");
      }
      try (HttpTestClient client = fixture.client()) {
        client.send(post(GOOD));
        assertEquals(202, client.read().status());
        assertTrue(client.ended(), "idle after a request");
      }
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a write that hangs
  void endsAConnectionWhoseClientDoesNotRead() throws IOException {
    try (ServerFixture fixture = limited(LONG, SHORT, LONG);
        HttpTestClient client = fixture.client()) {
      byte[] many = "GET / HTTP/1.1\r\nHost: t\r\n\r\n".repeat(1000).getBytes();
      boolean cut = false;
      // Both directions fill up; then only the server's limit can end this. Guard: 2 GB.
      for (int i = 0; i < 70_000 && !cut; i++) {
        try {
          client.send(many);
        } catch (IOException e) {
          cut = true;
        }
      }
      assertTrue(cut, "the server went on writing to a client that does not read");
    }
  }

  @Test
  void aWorkingHandlerIsUnderNoLimit() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    try (ServerFixture fixture =
            new ServerFixture(
                request -> {
                  entered.countDown();
                  await(release);
                  return ServerFixture.accept(request);
                },
                new AppConfig.Limits(16 * 1024, SHORT, SHORT, SHORT),
                Duration.ofSeconds(10));
        HttpTestClient slow = fixture.client();
        HttpTestClient idle = fixture.client()) {
      slow.send(post(GOOD));
      assertTrue(entered.await(30, TimeUnit.SECONDS), "the handler was not called");
      assertTrue(idle.ended()); // all three limits have passed now
      release.countDown();
      assertEquals(202, slow.read().status());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS), "not released");
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
