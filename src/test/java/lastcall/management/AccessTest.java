package lastcall.management;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.helidon.webserver.http.HttpFeature;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what on the management port, as clients of all kinds see it. */
final class AccessTest {
  private static final String TOKEN = "0123456789abcdef";
  private static final String FORM = "Content-Type: application/x-www-form-urlencoded";

  private final StringBuilder done = new StringBuilder();
  private int port;

  /** A page with one action, as all pages have them. */
  private void serve(@Nullable String token, boolean readOnly) {
    AppConfig.Management config = new AppConfig.Management("127.0.0.1", 0, token, readOnly);
    Access access = new Access(config);
    Pages pages = new Pages(access, Map::of);
    HttpFeature page =
        routing -> {
          routing.get("/page", (request, response) -> response.send(access.secrets().formToken()));
          routing.post(
              "/form",
              (request, response) -> {
                done.append(access.form(request).get("what"));
                response.send("done");
              });
          routing.post("/api/do", (request, response) -> response.send("done"));
        };
    ManagementServer server =
        new ManagementServer(
            config,
            Duration.ofSeconds(5),
            () -> Readiness.READY,
            () -> Readiness.READY,
            () -> true,
            access,
            List.of(page, new LoginPage(pages)));
    server.start();
    port = server.port();
  }

  private String ask(String head, String body) throws IOException {
    try (Socket client = new Socket("127.0.0.1", port)) {
      client.setSoTimeout(30_000); // a stuck test fails with "Read timed out"
      String host = head.contains("\nHost:") ? "" : "\r\nHost: localhost:" + port;
      String length = body.isEmpty() ? "" : "\r\nContent-Length: " + body.length();
      String[] lines = head.split("\n", 2);
      String rest = lines.length > 1 ? "\r\n" + lines[1].replace("\n", "\r\n") : "";
      String text =
          lines[0] + " HTTP/1.1" + host + rest + length + "\r\nConnection: close\r\n\r\n" + body;
      client.getOutputStream().write(text.getBytes(UTF_8));
      return new String(client.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.substring(9, 12));
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8081",
        "127.0.0.1.evil.example",
        "localhost.",
        "10.0.0.1"
      })
  void aForeignHostIsRefusedOnLoopback(String host) throws IOException {
    serve(null, false);
    assertEquals(421, status(ask("GET /page\nHost: " + host, "")));
    assertEquals(200, status(ask("GET /observe/health/live\nHost: " + host, "")), "a probe");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "localhost:1", "127.0.0.1:8081", "[::1]:8081"})
  void loopbackIsKnown(String host) throws IOException {
    serve(null, false);
    assertEquals(200, status(ask("GET /page\nHost: " + host, "")));
  }

  @Test
  void aFormNeedsItsTokenAndOurOrigin() throws IOException {
    serve(null, false);
    String token = body(ask("GET /page", ""));
    String form = "form_token=" + token + "&what=a%20b";
    String here = "http://localhost:" + port;
    assertEquals(403, status(ask("POST /form\n" + FORM, "what=1")), "no token");
    assertEquals(403, status(ask("POST /form\n" + FORM, "form_token=x&what=1")), "wrong token");
    assertEquals(403, status(ask("POST /form\n" + FORM, "form_token=%zz")), "broken");
    for (String foreign :
        new String[] {
          "Origin: http://evil.example",
          "Origin: null",
          "Origin: http://localhost:1",
          "Sec-Fetch-Site: cross-site",
          "Sec-Fetch-Site: same-site",
          "Sec-Fetch-Site: cross-site\nOrigin: " + here
        }) {
      assertEquals(403, status(ask("POST /form\n" + FORM + "\n" + foreign, form)), foreign);
      assertEquals(403, status(ask("POST /api/do\n" + foreign, "{}")), foreign);
    }
    assertEquals("", done.toString(), "nothing of this was done");
    assertEquals(200, status(ask("POST /form\n" + FORM + "\nOrigin: " + here, form)));
    assertEquals(200, status(ask("POST /form\n" + FORM + "\nSec-Fetch-Site: same-origin", form)));
    assertEquals("a ba b", done.toString());
    assertEquals(200, status(ask("POST /api/do", "{}")), "curl, which sends neither");
  }

  @Test
  void readOnlyRefusesEveryAction() throws IOException {
    serve(null, true);
    String form = "form_token=" + body(ask("GET /page", "")) + "&what=1";
    String refused = ask("POST /form\n" + FORM, form);
    assertEquals(403, status(refused));
    assertTrue(refused.contains("read-only"), refused);
    assertEquals(403, status(ask("DELETE /page", "")));
    assertEquals("", done.toString());
  }

  @Test
  void peopleLogInAndScriptsSendTheToken() throws IOException {
    serve(TOKEN, false);
    assertEquals(401, status(ask("GET /page", "")));
    assertEquals(200, status(ask("GET /page\nAuthorization: Bearer " + TOKEN, "")));
    String sent = ask("GET /page?x=1\nAccept: text/html", "");
    assertEquals(303, status(sent));
    assertTrue(sent.contains("Location: /login?to=%2Fpage"), sent);
    String page = ask("GET /login?to=/page", "");
    Matcher token = Pattern.compile("name=\"form_token\" value=\"([^\"]+)\"").matcher(page);
    assertTrue(token.find(), page);
    String form = "form_token=" + token.group(1) + "&to=%2Fpage&token=";
    String wrong = ask("POST /login\n" + FORM, form + "0123456789abcdee");
    assertEquals(403, status(wrong));
    assertFalse(wrong.contains("Set-Cookie"), wrong);
    String right = ask("POST /login\n" + FORM, form + TOKEN);
    assertEquals(303, status(right));
    assertTrue(right.contains("Location: /page\r\n"), right);
    Matcher cookie =
        Pattern.compile("Set-Cookie: (" + Access.COOKIE + "=[^;]+);([^\r]*)").matcher(right);
    assertTrue(cookie.find(), right);
    assertTrue(cookie.group(2).contains("HttpOnly"), right);
    assertTrue(cookie.group(2).contains("SameSite=Strict"), right);
    assertEquals(200, status(ask("GET /page\nCookie: " + cookie.group(1), "")));
    assertEquals(401, status(ask("GET /page\nCookie: " + cookie.group(1) + "x", "")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"//evil.example", "http://evil.example", "/\\evil.example", "javascript:1"})
  void theLoginLeadsNowhereElse(String to) throws IOException {
    serve(TOKEN, false);
    String page = ask("GET /login", "");
    Matcher token = Pattern.compile("name=\"form_token\" value=\"([^\"]+)\"").matcher(page);
    assertTrue(token.find(), page);
    String form = "form_token=" + token.group(1) + "&token=" + TOKEN + "&to=" + to;
    assertTrue(ask("POST /login\n" + FORM, form).contains("Location: /\r\n"));
  }

  @Test
  void aSessionEnds() {
    Secrets secrets = new Secrets(TOKEN);
    Instant now = Instant.parse("2026-11-26T12:00:00Z");
    String session = secrets.session(now);
    assertTrue(secrets.isSession(session, now.plus(Secrets.SESSION).minusSeconds(1)));
    assertFalse(secrets.isSession(session, now.plus(Secrets.SESSION)));
    assertFalse(new Secrets("another token 123").isSession(session, now));
    assertFalse(secrets.isSession("9999999999." + session.replaceFirst(".*\\.", ""), now));
    assertFalse(secrets.isSession("", now));
    assertTrue(new Secrets(TOKEN).isSession(session, now), "after a restart");
  }
}
