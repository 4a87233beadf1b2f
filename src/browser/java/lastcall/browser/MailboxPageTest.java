package lastcall.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;

/** The mailbox: a sign-up is read there, and an e-mail that means harm does none. */
final class MailboxPageTest extends BrowserTest {
  /** What an e-mail may try. REMOTE is a server that nobody may ask. */
  private static final String HARM =
      """
      <meta http-equiv="refresh" content="0; url=REMOTE/refresh">
      <link rel="stylesheet" href="REMOTE/style.css">
      <link rel="preconnect" href="REMOTE">
      <style>@import url("REMOTE/import.css"); p { background: url("REMOTE/background.png") }</style>
      <p>Dear reader, <b>this is harmless.</b></p>
      <script>
        window.ran = 1;
        try { parent.ran = 1; parent.document.title = 'ran'; } catch (forbidden) {}
        document.title = 'ran';
        new Image().src = 'REMOTE/script.png';
      </script>
      <img src="x:" onerror="document.title = 'ran'; window.ran = 1; new Image().src = 'REMOTE/onerror.png'">
      <img src="REMOTE/image.png" alt="a remote image">
      <iframe src="REMOTE/frame" title="a frame"></iframe>
      <object data="REMOTE/object"></object>
      <form action="REMOTE/form"><input name="token" aria-label="Token"><button>Win</button></form>
      <svg onload="window.ran = 1"></svg>
      """;

  @Test
  void aSignUpAppearsWithoutAReloadAndIsRead() throws Exception {
    ServiceProcess service = start();
    manage(service, "POST", "/api/outbox/pause", "");
    service.await("delivery is paused, e-mails wait");
    browser.open(api(service));
    browser.type("Name", "Ada");
    browser.type("E-mail", "ada@example.org");
    browser.type("Password", "correct horse");
    browser.press("Sign up");
    browser.awaitText("Thank you");
    browser.open(management(service) + "/mailbox");
    browser.awaitText("No e-mails.");
    browser.evaluate("window.loadedOnce = true");
    manage(service, "POST", "/api/outbox/resume", "");
    browser.await("the e-mail", () -> browser.elements("tbody a").size() > 0);
    assertEquals(true, browser.evaluate("window.loadedOnce"));
    browser.awaitText("caught 1 e-mails");
    shoot("mailbox");
    browser.element("tbody a[href^='/mailbox/']").click();
    browser.awaitText("No script runs in it");
    String text = browser.text();
    assertTrue(text.indexOf("Text\n") < text.indexOf("HTML\n"), text);
    assertTrue(browser.element("pre").getText().contains("Ada"), text);
    assertFalse(text.contains("ada@example.org"), text);
    shoot("mailbox-mail");
    browser.press("Show addresses");
    browser.awaitText("ada@example.org");
    browser.press("Delete this e-mail");
    browser.awaitText("No e-mails.");
  }

  @Test
  void anEmailThatMeansHarmDoesNone() throws Exception {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    HttpServer remote =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String host = "http://127.0.0.1:" + remote.getAddress().getPort();
    byte[] harm = HARM.replace("REMOTE", host).getBytes(UTF_8);
    remote.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          boolean page = path.equals("/page");
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(page ? 200 : 204, page ? harm.length : -1);
          if (page) {
            exchange.getResponseBody().write(harm);
          }
          exchange.close();
        });
    remote.start();
    try {
      caughtBefore(new String(harm, UTF_8));
      ServiceProcess service = start();
      String page = management(service) + "/mailbox/harm";
      browser.open(page);
      browser.awaitText("No script runs in it");
      String title = (String) browser.evaluate("document.title");
      shoot("mailbox-harm");
      assertEquals(title, browser.evaluate("document.title"));
      assertNull(browser.evaluate("window.ran"));
      assertEquals(page, browser.url());
      browser.open(page + "/html"); // alone, as somebody might open the frame
      browser.awaitText("this is harmless");
      assertEquals("", browser.evaluate("document.title"));
      assertNull(browser.evaluate("window.ran"));
      assertEquals(page + "/html", browser.url());
      browser.element("button").click();
      assertEquals(page + "/html", browser.url());

      // The same HTML on a page of its own does run and does ask, so we would have seen it above.
      browser.open(host + "/page");
      browser.await("the harm that it can do", () -> asked.contains("/image.png"));
      assertEquals("/page", asked.peek(), () -> "asked by an e-mail: " + asked);
      browser.await("it leads away", () -> asked.contains("/refresh"));
      browser.await("its script", () -> asked.contains("/script.png"));
      browser.await("its broken image", () -> asked.contains("/onerror.png"));
      assertFalse(browser.complaints().isEmpty(), "the browser said what it forbade");
    } finally {
      remote.stop(0);
    }
  }

  /** In the mailbox before the service starts. */
  private void caughtBefore(String html) throws IOException {
    Path mailbox = Files.createDirectories(directory.resolve("mailbox"));
    String head =
        """
        From: Mallory <mallory@example.net>
        To: ada@example.org
        Subject: You have won
        MIME-Version: 1.0
        Content-Type: text/html; charset=UTF-8

        """;
    Files.writeString(mailbox.resolve("harm.eml"), head + html);
  }
}
