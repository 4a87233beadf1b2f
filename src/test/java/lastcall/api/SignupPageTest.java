package lastcall.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.http.HttpTestClient;
import lastcall.http.HttpTestClient.Response;
import lastcall.http.ServerFixture;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignupPageTest {
  private static final String KEY = "0123456789abcdef0123456789abcdef";
  private static final String BROWSER = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";

  private final Queue<SignupRequest> seen = new ConcurrentLinkedQueue<>();
  private ServerFixture fixture;

  @BeforeEach
  void start() {
    fixture =
        new ServerFixture(request -> {
          seen.add(request);
          return switch (request.name()) {
            case "taken" -> new SignupOutcome.AddressTaken();
            case "reused" -> new SignupOutcome.KeyReused();
            case "busy" -> new SignupOutcome.Unavailable("Try later.", Duration.ofSeconds(7));
            case "stopping" -> new SignupOutcome.Stopping();
            default -> ServerFixture.accept(request);
          };
        });
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private Response get(String method, String path, String... headers) throws IOException {
    return exchange(method, path, "", headers);
  }

  private Response exchange(String method, String path, String body, String... headers)
      throws IOException {
    String head = String.join("\r\n", headers) + (headers.length == 0 ? "" : "\r\n");
    try (HttpTestClient client = fixture.client()) {
      client.send(
          method
              + " "
              + path
              + " HTTP/1.1\r\nHost: signup.test\r\n"
              + head
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      Response response = client.read(!method.equals("HEAD"));
      assertNotNull(response, "no answer");
      return response;
    }
  }

  private Response post(String body, String... headers) throws IOException {
    List<String> all = new java.util.ArrayList<>(List.of(headers));
    all.add("Content-Type: application/x-www-form-urlencoded");
    all.add(BROWSER);
    return exchange("POST", "/", body, all.toArray(String[]::new));
  }

  private static String form(String name) {
    return "name=" + name + "&email=ada%40example.org&password=correct+horse&key=" + KEY;
  }

  private static void assertPage(int status, Response response) {
    assertEquals(status, response.status(), response.body());
    assertEquals("text/html; charset=utf-8", response.header("content-type"));
    assertEquals("nosniff", response.header("x-content-type-options"));
    assertEquals("same-origin", response.header("referrer-policy"));
    String policy = response.header("content-security-policy");
    assertTrue(policy.contains("default-src 'none'"), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertFalse(response.body().matches("(?s).*(<style|style=|<script>| on\\w+=).*"));
  }

  private static void assertKept(Response response, String... values) {
    for (String value : values) {
      assertTrue(response.body().contains("value=\"" + value + "\""), response.body());
    }
    assertFalse(response.body().contains("horse"), "a password comes back");
  }

  @Test
  void isThereForEverybodyWhoTakesHtml() throws IOException {
    for (String[] headers : new String[][] {{}, {"Accept: */*"}, {BROWSER}}) {
      assertPage(200, get("GET", "/", headers));
    }
    assertPage(200, get("HEAD", "/", BROWSER));
    assertEquals(404, get("GET", "/", "Accept: application/json").status());
    String cache = get("GET", "/").header("cache-control");
    assertEquals("private, no-cache", cache, "or two people get the same key");
    assertNotEquals(key(get("GET", "/")), key(get("GET", "/")));
  }

  private static String key(Response page) {
    Matcher key = Pattern.compile("name=\"key\" value=\"([^\"]*)\"").matcher(page.body());
    assertTrue(key.find(), page.body());
    return key.group(1);
  }

  @Test
  void aFormSignsUp() throws IOException {
    String key = key(get("GET", "/"));
    Response response =
        post(
            "name=J%C3%B6rg+%26+%3Cb%3E&email=+ada%40example.org&password=%C3%A4%2B+1234567&key="
                + key);
    assertPage(202, response);
    assertTrue(response.body().contains("ada@example.org"), response.body());
    SignupRequest expected =
        new SignupRequest("Jörg & <b>", "ada@example.org", "ä+ 1234567", key, null);
    assertEquals(List.of(expected), List.copyOf(seen));
  }

  @Test
  void errorsStandBesideTheirFieldsAndWhatWasTypedStays() throws IOException {
    Response response = post("name=%22%3E%3Cb%3E&email=x&password=horse&key=" + KEY);
    assertPage(422, response);
    assertKept(response, "&quot;&gt;&lt;b&gt;", "x", KEY);
    String body = response.body();
    assertTrue(
        body.contains("id=\"email-error\">E-mail must be an e-mail address we can deliver to<"),
        body);
    assertTrue(
        body.contains("id=\"password-error\">Password must have 8 to 128 characters<"), body);
    assertTrue(body.contains("id=\"name-error\"></p>"), body);
    assertEquals(1, body.split(" autofocus", -1).length - 1, "the first wrong field");
    String missing = post("name=&email=&password=&key=" + KEY).body();
    for (String field : List.of("Name", "E-mail", "Password")) {
      assertTrue(missing.contains(field + " is missing"), missing);
    }
    assertEquals(0, seen.size());
  }

  @ParameterizedTest
  @CsvSource({
    "taken, 409, '', E-mail is taken",
    "reused, 422, '', accepted&#44; with other values",
    "busy, 503, 7, Try later.",
    "stopping, 503, 1, The service is stopping"
  })
  void eachOutcomeHasItsWord(String name, int status, String retryAfter, String word)
      throws IOException {
    Response response = post(form(name));
    assertPage(status, response);
    assertEquals(retryAfter, response.header("retry-after"));
    assertKept(response, name, "ada@example.org");
    assertTrue(response.body().contains(word.replace("&#44;", ",")), response.body());
    assertEquals(name.equals("reused"), !key(response).equals(KEY), "the same form, the same key");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: cross-site|Origin: http://signup.test",
        "Origin: http://evil.test",
        "Origin: http://signup.test.evil.test",
        "Origin: null"
      })
  void formsOfOtherSitesAreRefused(String headers) throws IOException {
    Response response = post(form("Ada"), headers.split("\\|"));
    assertPage(403, response);
    assertFalse(response.body().contains(KEY), "nothing of it comes back");
    assertEquals(0, seen.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-Fetch-Site: same-origin|Origin: http://proxied.test",
        "Sec-Fetch-Site: none",
        "Origin: http://signup.test",
        "Origin: https://Signup.test"
      })
  void formsOfThisSiteAreTaken(String headers) throws IOException {
    assertPage(202, post(form("Ada"), headers.split("\\|")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "name=%zz", "name=Ada&key=1", "name=%ff&key=" + KEY})
  void whatNoBrowserSendsIsRefused(String body) throws IOException {
    assertPage(400, post(body));
    assertEquals(0, seen.size());
  }

  /** As in the stop: refusing, and not yet closed. */
  @Test
  void aServiceThatStopsKeepsWhatWasTyped() throws IOException {
    fixture.refuse();
    Response response = post(form("Ada"));
    assertPage(503, response);
    assertKept(response, "Ada", "ada@example.org", KEY);
    assertTrue(response.body().contains("The service is stopping"), response.body());
    assertEquals("1", response.header("retry-after"));
    assertEquals("close", response.header("connection"));
    assertPage(503, post("broken"));
    assertFalse(post(form("Ada"), "Sec-Fetch-Site: cross-site").body().contains(KEY));
    assertPage(503, get("GET", "/", BROWSER));
    assertPage(503, get("GET", "/nowhere", BROWSER));
    assertEquals("application/problem+json", get("GET", "/").header("content-type"));
    assertEquals(0, seen.size());
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nowhere, 404",
    "GET, /assets/1/sign-up.html, 404",
    "GET, /v1/users, 405",
    "PUT, /, 405",
    "DELETE, /, 405"
  })
  void browsersGetPagesAndProgramsProblems(String method, String path, int status)
      throws IOException {
    assertPage(status, get(method, path, BROWSER));
    Response problem = get(method, path);
    assertEquals(status, problem.status());
    assertEquals("application/problem+json", problem.header("content-type"));
  }

  @Test
  void assetsAreKeptForAYear() throws IOException {
    Matcher asset =
        Pattern.compile("(?:src|href)=\"(/assets/[^\"]+)\"").matcher(get("GET", "/").body());
    int found = 0;
    for (; asset.find(); found++) {
      Response file = get("GET", asset.group(1));
      assertEquals(200, file.status(), asset.group(1));
      assertEquals("public, max-age=31536000, immutable", file.header("cache-control"));
      assertEquals("nosniff", file.header("x-content-type-options"));
      Response ofAnother = get("GET", asset.group(1).replaceFirst("assets/\\w+", "assets/0"));
      assertEquals(file.body(), ofAnother.body());
      assertEquals("no-cache", ofAnother.header("cache-control"), "it may be another's");
    }
    assertEquals(3, found);
  }
}
