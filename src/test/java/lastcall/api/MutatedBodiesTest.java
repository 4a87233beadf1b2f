package lastcall.api;

import static lastcall.http.HttpTestClient.post;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import lastcall.http.HttpTestClient;
import lastcall.http.ServerFixture;
import org.junit.jupiter.api.Test;

class MutatedBodiesTest {
  @Test
  void survivesMutatedBodies() throws IOException {
    long seed = System.nanoTime();
    System.out.println("survivesMutatedBodies seed=" + seed);
    Random random = new Random(seed);
    ServerFixture fixture = new ServerFixture(ServerFixture::accept);
    HttpTestClient client = fixture.client();
    try {
      for (int i = 0; i < 4000; i++) {
        byte[] body = mutate(GOOD.getBytes(StandardCharsets.UTF_8), random);
        client.send(post("").replace("Content-Length: 0", "Content-Length: " + body.length));
        client.send(body);
        var response = client.read();
        String what = "seed " + seed + ", round " + i + ": " + response;
        assertNotNull(response, what);
        int status = response.status();
        assertTrue(status == 202 || status == 400 || status == 422, what);
        if (response.header("connection").equals("close")) {
          client.close();
          client = fixture.client();
        }
      }
    } finally {
      client.close();
      fixture.close();
    }
  }

  private static byte[] mutate(byte[] good, Random random) {
    byte[] body = good.clone();
    for (int n = random.nextInt(6); n > 0; n--) {
      int at = random.nextInt(body.length);
      switch (random.nextInt(4)) {
        case 0 -> body[at] = (byte) random.nextInt(256);
        case 1 -> body[at] = (byte) "{}[]\":,\\u0 ".charAt(random.nextInt(11));
        case 2 -> body = Arrays.copyOf(body, at + 1);
        default -> {
          byte[] longer = Arrays.copyOf(body, body.length + at);
          System.arraycopy(body, 0, longer, body.length, at);
          body = longer;
        }
      }
    }
    return body;
  }
}
