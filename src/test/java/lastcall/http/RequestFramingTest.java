package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a request ends and the next one begins, under limits that are never reached. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestFramingTest {
  private final AtomicInteger handled = new AtomicInteger();
  private ServerFixture fixture;

  @BeforeAll
  void start() {
    fixture =
        new ServerFixture(request -> {
          handled.incrementAndGet();
          return ServerFixture.accept(request);
        });
  }

  @AfterAll
  void stop() {
    fixture.close();
  }

  @Test
  void answersOnce413AndCloses() throws IOException {
    String big = "x".repeat(20_000);
    for (String request : new String[] {post(big), chunked(chunk(big) + "0\r\n\r\n")}) {
      try (HttpTestClient client = fixture.client()) {
        client.send(request);
        var response = client.read();
        assertNotNull(response);
        assertEquals(413, response.status());
        assertTrue(response.body().contains("body-too-large"), response.body());
        assertTrue(client.ended(), "a second response");
      }
    }
  }

  private static String chunk(String data) {
    return Integer.toHexString(data.length()) + "\r\n" + data + "\r\n";
  }

  private static String chunked(String body) {
    return post("").replace("Content-Length: 0", "Transfer-Encoding: chunked") + body;
  }

  @Test
  void takesChunks() throws IOException {
    try (HttpTestClient client = fixture.client()) {
      String chunks = chunk(GOOD.substring(0, 9)) + chunk(GOOD.substring(9)) + "0\r\n\r\n";
      client.send(chunked(chunks) + post(GOOD));
      assertEquals(202, client.read().status());
      assertEquals(202, client.read().status());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xyz\r\n",
        "\r\n",
        " 5\r\n",
        "-5\r\n",
        "0x5\r\n",
        "fffffffff\r\n",
        "2\r\n{}\r\nnonsense\r\n",
      })
  void answersBrokenChunksAtOnce(String body) throws IOException {
    int before = handled.get();
    try (HttpTestClient client = fixture.client()) {
      client.send(chunked(body));
      var response = client.read();
      assertNotNull(response);
      assertTrue(response.status() == 400 || response.status() == 413, response::toString);
      assertEquals("application/problem+json", response.header("content-type"));
      assertEquals("close", response.header("connection"));
      assertTrue(client.ended(), "a second response");
    }
    assertEquals(before, handled.get());
  }

  /** Each would be a good request to a reader that overlooks one of the two headers. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5",
        "Content-Length: -1",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: xchunked",
      })
  void refusesTwoLengths(String second) throws IOException {
    int before = handled.get();
    for (String request : new String[] {post(GOOD, second), second + "\r\n" + post(GOOD)}) {
      try (HttpTestClient client = fixture.client()) {
        client.send(request.startsWith("POST") ? request : swapped(request));
        var response = client.read();
        assertEquals(400, response.status());
        assertTrue(
            response.body().contains("send one Content-Length")
                || response.body().contains("does not go with Content-Length"),
            response::body);
        client.socket.shutdownOutput();
        assertTrue(client.ended(), "a second response");
      }
    }
    assertEquals(before, handled.get());
  }

  /** Puts what stands before the request line last of its headers. */
  private static String swapped(String request) {
    String[] parts = request.split("\r\n", 2);
    return parts[1].replaceFirst("\r\n\r\n", "\r\n" + parts[0] + "\r\n\r\n");
  }

  @Test
  void doesNotTakeAnUnreadBodyForARequest() throws IOException {
    int before = handled.get();
    try (HttpTestClient client = fixture.client()) {
      client.send(post(post(GOOD), "Content-Type: text/plain"));
      var response = client.read();
      assertNotNull(response);
      assertEquals(415, response.status());
      assertTrue(client.ended(), "a second response");
    }
    assertEquals(before, handled.get());
  }

  @Test
  void keepsTheConnectionInStepAfterHead() throws IOException {
    try (HttpTestClient client = fixture.client()) {
      for (String path : new String[] {"/v1/users", "/nowhere"}) {
        client.send("HEAD " + path + " HTTP/1.1\r\nHost: t\r\n\r\n" + post(GOOD));
        assertTrue(client.read(false).status() >= 404);
        assertEquals(202, client.read().status());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET /v1/users HTTP/1.0\r\n\r\n", // 405
        "GET /v1/users HTTP/3.0\r\nHost: t\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\n\r\n",
        "GET evil.example:443 HTTP/1.1\r\nHost: t\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: t\r\n\r\n",
        "POST /%zz HTTP/1.1\r\nHost: t\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nbad header\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Length: 3, 4\r\n\r\n{}",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
            + "Content-Length: 2\r\n\r\n0\r\n\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"
            + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
      })
  void answersBadRequestsInTheSameForm(String request) throws IOException {
    try (HttpTestClient client = fixture.client()) {
      client.send(request);
      var response = client.read();
      assertNotNull(response);
      assertTrue(
          (response.status() >= 400 && response.status() < 500) || response.status() == 505,
          () -> response.toString());
      assertEquals("application/problem+json", response.header("content-type"));
      assertEquals("close", response.header("connection"));
      client.socket.shutdownOutput();
      assertTrue(client.ended());
    }
  }

  @Test
  void sends100Continue() throws IOException {
    try (HttpTestClient client = fixture.client()) {
      String[] parts = post(GOOD, "Expect: 100-continue").split("(?<=\r\n\r\n)", 2);
      client.send(parts[0]);
      assertEquals(100, client.read().status());
      client.send(parts[1]);
      assertEquals(202, client.read().status());
    }
  }
}
