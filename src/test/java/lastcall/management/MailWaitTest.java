package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lastcall.catcher.MailWait;
import lastcall.catcher.Mailbox;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Waiting for an e-mail over HTTP, as other people's tests do. */
final class MailWaitTest {
  private static final String WAIT = "/api/mailbox/wait?";

  @TempDir Path directory;
  private MailboxFixture service;
  private Mailbox mailbox;

  @BeforeEach
  void start() throws Exception {
    service = new MailboxFixture(directory, false);
    mailbox = service.mail.mailbox();
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  private void deliver(String id, String to) throws Exception {
    service.deliver(to, "Message-ID: <" + id + ">\r\nTo: " + to + "\r\n\r\nhttp://x/?code=7");
  }

  private CompletableFuture<HttpResponse<String>> ask(String query) {
    return service.http.sendAsync(service.request(WAIT + query).build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> answer(CompletableFuture<HttpResponse<String>> asked)
      throws Exception {
    return asked.get(30, TimeUnit.SECONDS);
  }

  private void awaitWaiting(int count) {
    while (mailbox.waiting() != count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void answersWithWhatCameBeforeAndWithWhatComes() throws Exception {
    deliver("before", "ann@example.org");
    HttpResponse<String> before = answer(ask("to=ann@example.org"));
    assertEquals(200, before.statusCode());
    assertTrue(before.body().startsWith("{\"id\":\"before\","), before.body());
    assertTrue(before.body().contains("\"text\":\"http://x/?code=7"), before.body());
    var asked = ask("to=ann@example.org&since=before&timeout=30s");
    awaitWaiting(1);
    deliver("other", "bob@example.org");
    deliver("after", "Ann@Example.org");
    assertTrue(answer(asked).body().startsWith("{\"id\":\"after\","), "the first since then");
    awaitWaiting(0);
  }

  @Test
  void timesOutAndSaysWhatIsWrong() throws Exception {
    Instant later = Instant.now().plus(Duration.ofDays(1));
    deliver("before", "ann@example.org");
    HttpResponse<String> none = answer(ask("to=ann@example.org&timeout=10ms&since=" + later));
    assertEquals(404, none.statusCode());
    assertTrue(none.body().contains("urn:lastcall:problem:no-mail-came"), none.body());
    for (String bad :
        new String[] {
          "",
          "timeout=1s",
          "to=a&timeout=61s",
          "to=a&timeout=1h",
          "to=a&timeout=-1s",
          "to=a&since=yesterday",
          "to=a&since=no-such-id"
        }) {
      assertEquals(400, answer(ask(bad)).statusCode(), bad);
    }
  }

  @Test
  void manyWaitAndOneTooManyIsTold() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < Mailbox.MAX_WAITS; i++) {
      all.add(ask("timeout=30s&to=user" + i + "@example.org"));
    }
    awaitWaiting(Mailbox.MAX_WAITS);
    assertEquals(503, answer(ask("to=one@too.many")).statusCode());
    for (int i = 0; i < Mailbox.MAX_WAITS; i++) {
      deliver("m" + i, "user" + i + "@example.org");
      assertTrue(answer(all.get(i)).body().startsWith("{\"id\":\"m" + i + "\","));
    }
    awaitWaiting(0);
  }

  @Test
  void aClientThatLeavesKeepsNoPlace() throws Exception {
    try (Socket client = new Socket("127.0.0.1", service.port)) {
      String head = "GET " + WAIT + "to=a&timeout=60s HTTP/1.1\r\nHost: localhost\r\n\r\n";
      client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      awaitWaiting(1);
    }
    long left = System.nanoTime();
    awaitWaiting(0);
    long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - left);
    assertTrue(took < 50, "it ended with its timeout only: " + took + " s");
  }

  @Test
  void theEndOfTheMailServerEndsTheWait() throws Exception {
    var asked = ask("to=ann@example.org&timeout=60s");
    awaitWaiting(1);
    service.mail.close();
    assertEquals(503, answer(asked).statusCode());
    assertTrue(answer(asked).body().contains("stopping"), answer(asked).body());
    assertEquals(503, answer(ask("to=ann@example.org&timeout=60s")).statusCode());
    MailWait last = mailbox.waitFor("a", MailWait.Since.EVER);
    assertNotNull(last);
    last.close();
    assertNull(mailbox.find("x"));
  }
}
