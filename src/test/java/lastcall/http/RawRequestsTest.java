package lastcall.http;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What clients and proxies really send: taken if the RFCs allow it, refused with a reason else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RawRequestsTest {
  private static final String HEAD =
      "POST /v1/users HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n";

  /**
   * @param detail what the answer names; "" for a request that is accepted
   */
  record Raw(String request, int status, String detail) {}

  private static Raw header(String line, int status, String detail) {
    return new Raw(post(GOOD, line), status, detail);
  }

  private static Raw chunks(String coding, String body, int status, String detail) {
    return new Raw(
        HEAD + "Transfer-Encoding: " + coding + "\r\n\r\n" + body.replace("GOOD", GOOD),
        status,
        detail);
  }

  private static Raw line(String from, String to, int status, String detail) {
    return new Raw(post(GOOD).replace(from, to), status, detail);
  }

  private static final String SIZE = Integer.toHexString(GOOD.length());
  private static final String SIZED = SIZE + "\r\nGOOD\r\n";

  static final List<Raw> REQUESTS =
      List.of(
          // The request line
          line("HTTP/1.1", "HTTP/1.0", 202, ""),
          line("HTTP/1.1\r\nHost: test", "HTTP/1.0", 202, ""),
          line("HTTP/1.1", "HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue", 202, ""),
          line("HTTP/1.1", "HTTP/1.2", 202, ""),
          line("HTTP/1.1", "HTTP/2.0", 505, "HTTP/1.1"),
          line("HTTP/1.1", "http/1.1", 400, "request line"),
          line("HTTP/1.1", "HTTP/1.1 x", 400, "request line"),
          line("POST ", "POST  ", 400, "request line"),
          line("POST ", " POST ", 400, "request line"),
          line("POST ", "PO(ST ", 400, "request line"),
          line("POST ", "\nPOST ", 400, "request line"),
          line("POST ", "\r\n\r\nPOST ", 202, ""),
          line("/v1/users", "http://other.example/v1/users", 202, ""),
          line("/v1/users", "/v1/users?utm=1", 202, ""),
          line("/v1/users", "/v1/%zz", 400, "target"),
          line("/v1/users", "/" + "a".repeat(5000), 414, "4 KiB"),
          line("\r\n", "\n", 400, "CR LF"),
          new Raw("\u0016\u0003\u0001\u0002\u0000\u0001", 400, "TLS"),
          new Raw(HEAD + "\r\n", 400, "Content-Length"),
          // Headers
          header("X-A: a\tb", 202, ""),
          header("X-A:", 202, ""),
          header("User-Agent: M\u00fcller", 202, ""),
          header("Cookie: " + "a".repeat(15_000), 202, ""),
          header("Cookie: " + "a".repeat(20_000), 431, "16 KiB"),
          header("X: y\r\n".repeat(4_000) + "X: y", 431, "16 KiB"),
          header("X-A: a\u0001b", 400, "header line 3"),
          header("X-A: \u000bb", 400, "header line"),
          header("X-A : a", 400, "header line"),
          header("X-A: a\r\n folded", 400, "header line"),
          header("nonsense", 400, "header line"),
          header(": a", 400, "header line"),
          header("Host: other", 400, "Host"),
          line("Host: test\r\n", "", 400, "Host"),
          line("Host: test", "Host: secret horse", 400, "Host"),
          header("Expect: 100-continue", 100, ""),
          header("Expect: 100-Continue", 100, ""),
          header("Content-Encoding: identity", 202, ""),
          header("Content-Encoding: gzip", 415, "Content-Encoding"),
          header("Content-Encoding: br, identity", 415, "Content-Encoding"),
          // Where the body ends
          line("Content-Length: ", "Content-Length: 00", 202, ""),
          line("Content-Length: ", "Content-Length: +", 400, "Content-Length"),
          line("Content-Length: ", "Content-Length: 1, ", 400, "Content-Length"),
          line("Content-Length: ", "Content-Length: ,", 400, "Content-Length"),
          header("Content-Length:", 400, "Content-Length"),
          line("Content-Length: ", "Content-Length: 1\r\nContent-Length: ", 400, "Content-Length"),
          line("Content-Length: ", "Content-Length: 1000000000", 413, "16384"),
          line("Content-Length: ", "Content-Length: 100000000000000", 400, "Content-Length"),
          header("Transfer-Encoding: chunked", 400, "Transfer-Encoding"),
          chunks("chunked", SIZED + "0\r\n\r\n", 202, ""),
          chunks("Chunked", SIZED + "0\r\n\r\n", 202, ""),
          chunks(" CHUNKED ,", SIZED + "0\r\n\r\n", 202, ""),
          chunks("chunked", "000" + SIZED + "000\r\n\r\n", 202, ""),
          chunks("chunked", SIZED.replaceFirst("\r", ";a=b\r") + "0;c\r\n\r\n", 202, ""),
          chunks("chunked", SIZED.replaceFirst("\r", " ; a=\"b;c\"\r") + "0\r\n\r\n", 202, ""),
          chunks("chunked", SIZED.replaceFirst("\r", "  \r") + "0\r\n\r\n", 202, ""),
          chunks("chunked", SIZED + "0\r\nX-Sum: 1\r\nY: z\r\n\r\n", 202, ""),
          chunks("chunked", "1;" + "a".repeat(17_000) + "\r\n{\r\n", 400, "16 KiB"),
          chunks("chunked", SIZED + "0\r\n" + "X: y\r\n".repeat(4_000) + "\r\n", 431, "16 KiB"),
          chunks("chunked", "+" + SIZED + "0\r\n\r\n", 400, "chunk"),
          chunks("chunked", "1\r\n{XX0\r\n\r\n", 400, "chunk"),
          chunks("chunked", "0x1\r\n{\r\n0\r\n\r\n", 400, "chunk"),
          chunks("chunked", " 1\r\n{\r\n0\r\n\r\n", 400, "chunk"),
          chunks("chunked", "1\n{\r\n0\r\n\r\n", 400, "CR LF"),
          chunks("chunked", "ffffffff\r\n", 413, "16384"),
          chunks("chunked", "fffffffffffffff\r\n", 413, "16384"),
          chunks("chunked", "ffffffffffffffff\r\n", 400, "chunk"),
          chunks("\u000bchunked", SIZED + "0\r\n\r\n", 400, "header line"),
          chunks("chunked, chunked", SIZED + "0\r\n\r\n", 400, "chunked"),
          chunks("identity", "", 400, "chunked"),
          chunks("gzip, chunked", SIZED + "0\r\n\r\n", 400, "chunked"),
          line(
              "HTTP/1.1\r\nHost: test",
              "HTTP/1.0\r\nTransfer-Encoding: chunked",
              400,
              "Transfer-Encoding"));

  private ServerFixture fixture;

  @BeforeAll
  void start() {
    fixture = new ServerFixture(ServerFixture::accept);
  }

  @AfterAll
  void stop() {
    fixture.close();
  }

  @ParameterizedTest
  @FieldSource("REQUESTS")
  void answers(Raw raw) throws IOException {
    try (HttpTestClient client = fixture.client()) {
      client.send(raw.request());
      var response = client.read();
      assertNotNull(response);
      if (response.status() == 100) {
        assertEquals(100, raw.status());
        response = client.read();
      }
      assertEquals(raw.status() == 100 ? 202 : raw.status(), response.status(), response.body());
      assertTrue(response.body().endsWith("}\n"), response.body());
      if (response.status() != 202) {
        String detail = response.body().replaceFirst(".*\"detail\":", "");
        assertTrue(detail.contains(raw.detail()), response.body());
        assertTrue(!response.body().contains("secret"), response.body());
      }
      boolean ends = response.status() != 202 || raw.request().contains("HTTP/1.0");
      ends &= !raw.request().equals(HEAD + "\r\n"); // a whole request, wrong as it is
      assertEquals(ends ? "close" : "keep-alive", response.header("connection"));
      if (ends) {
        client.socket.shutdownOutput();
        assertTrue(client.ended(), "a second response");
      } else {
        client.send(post(GOOD)); // the reader is in step
        assertEquals(202, client.read().status());
      }
      String encoding = response.status() == 415 ? "identity" : "";
      assertEquals(encoding, response.header("accept-encoding"));
    }
  }

  /** Each request arrives in pieces, cut anywhere. */
  @Test
  void takesRequestsInPieces() throws IOException {
    long seed = System.nanoTime();
    System.out.println("takesRequestsInPieces seed=" + seed);
    Random random = new Random(seed);
    StringBuilder all = new StringBuilder();
    List<Raw> good =
        REQUESTS.stream()
            .filter(raw -> raw.status() == 202 && !raw.request().contains("HTTP/1.0"))
            .toList();
    good.forEach(raw -> all.append(raw.request()));
    byte[] bytes = all.toString().getBytes(StandardCharsets.ISO_8859_1);
    try (HttpTestClient client = fixture.client()) {
      for (int from = 0; from < bytes.length; ) {
        int length = Math.min(bytes.length - from, 1 + random.nextInt(40));
        client.send(new String(bytes, from, length, StandardCharsets.ISO_8859_1));
        from += length;
      }
      for (Raw raw : good) {
        var response = client.read();
        assertNotNull(response, () -> "seed " + seed + ": " + raw);
        assertEquals(202, response.status(), () -> "seed " + seed + ": " + raw);
      }
    }
  }

  /** Helidon alone takes the first two for failures of its own, with a stack trace in the log. */
  @Test
  void logsNothingAboutWhatClientsSend() throws IOException {
    try (Traces traces = new Traces()) {
      String[] parts = {"PO(ST / HTTP/1.1\r\n\r\n", HEAD + "X-", "POST / HT", HEAD + "\r\n{"};
      for (String part : parts) {
        try (HttpTestClient client = fixture.client()) {
          client.send(part);
          client.socket.shutdownOutput();
          while (client.read() != null) {}
        }
      }
      assertEquals(List.of(), traces.thrown());
    }
  }

  /** At a stop an idle connection is closed, and a request that has begun is answered 408. */
  @Test
  void emptyLinesAfterAnAnswerAreNoRequest() throws IOException {
    try (ServerFixture stopping = new ServerFixture(ServerFixture::accept);
        HttpTestClient client = stopping.client()) {
      client.send(post(GOOD) + "\r\n");
      assertEquals(202, client.read().status());
      assertEquals(0, stopping.stop());
      assertNull(client.read(), "an answer to an empty line");
    }
  }
}
