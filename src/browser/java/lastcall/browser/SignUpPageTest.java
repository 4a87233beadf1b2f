package lastcall.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import lastcall.drill.ServiceProcess;
import lastcall.http.ServerFixture;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SignUpPageTest extends BrowserTest {
  /** What the services of {@link #stub} got. */
  private final Queue<SignupRequest> requests = new ConcurrentLinkedQueue<>();

  /** An API that answers with these outcomes, one after the other, and then accepts. */
  private ServerFixture stub(SignupOutcome... outcomes) {
    requests.clear();
    Queue<SignupOutcome> left = new ConcurrentLinkedQueue<>(List.of(outcomes));
    return new ServerFixture(request -> {
      requests.add(request);
      SignupOutcome next = left.poll();
      return next == null ? ServerFixture.accept(request) : next;
    });
  }

  private void open(ServerFixture api) {
    browser.open("http://127.0.0.1:" + api.port() + "/");
  }

  private void fill(String name, String email, String password) {
    browser.type("Name", name);
    browser.type("E-mail", email);
    browser.type("Password", password);
  }

  private void fillAndSend() {
    fill("Ada", "ada@example.org", "correct horse");
    browser.press("Sign up");
  }

  private void assertTyped(String name, String email, String password) {
    assertEquals(name, browser.field("Name").getDomProperty("value"));
    assertEquals(email, browser.field("E-mail").getDomProperty("value"));
    assertEquals(password, browser.field("Password").getDomProperty("value"));
  }

  private String error(String field) {
    return browser.element("#" + field + "-error").getText();
  }

  private static List<Path> mailbox(Path directory) throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("mailbox"))) {
      return files.filter(file -> file.toString().endsWith(".eml")).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoSignsUpGetsAnEmail(boolean javaScript) throws Exception {
    ServiceProcess service = start();
    browser.javaScript(javaScript);
    browser.open(api(service));
    fillAndSend();
    browser.awaitText("Thank you");
    assertTrue(browser.text().contains("ada@example.org"), browser.text());
    assertEquals(javaScript ? "h1" : "body", browser.focused().getTagName());
    browser.reload(); // without JavaScript, it sends the form once more
    service.signal("TERM"); // which sends what is due
    assertEquals(0, service.awaitExit());
    List<Path> mails = mailbox(directory);
    assertEquals(1, mails.size());
    assertTrue(Files.readString(mails.getFirst()).contains("To: ada@example.org"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void errorsStandBesideTheirFields(boolean javaScript) {
    try (ServerFixture api = stub()) {
      browser.javaScript(javaScript);
      open(api);
      fill("Ada", "nobody", "short");
      browser.press("Sign up");
      browser.awaitText("You are not signed up yet.");
      assertEquals("", error("name"));
      assertEquals("E-mail must be an e-mail address we can deliver to", error("email"));
      assertEquals("Password must have 8 to 128 characters", error("password"));
      for (String field : List.of("name", "email", "password")) {
        String invalid = browser.element("#" + field).getDomAttribute("aria-invalid");
        assertEquals(field.equals("name") ? "false" : "true", invalid, field);
      }
      assertEquals(2, browser.elements("#alert a").size());
      assertEquals("email", browser.focused().getDomAttribute("id"));
      assertTyped("Ada", "nobody", javaScript ? "short" : "");
      assertEquals(0, requests.size());
    }
  }

  /** What only the service can know: the page's own checks are content. */
  @Test
  void theServiceHasTheLastWord() {
    try (ServerFixture api = stub(new SignupOutcome.AddressTaken())) {
      open(api);
      fill("Ada bit.ly/x", "ada@example.notld", "correct horse");
      browser.press("Sign up");
      browser.await("an error of the name", () -> error("name").contains("web address"));
      assertEquals("name", browser.focused().getDomAttribute("id"));
      fillAndSend();
      browser.await("the address is taken", () -> error("email").contains("has signed up"));
      assertEquals("", error("name"));
      assertEquals("email", browser.focused().getDomAttribute("id"));
      assertTyped("Ada", "ada@example.org", "correct horse");
    }
  }

  @Test
  void errorsGoWhileTyping() {
    try (ServerFixture api = stub()) {
      open(api);
      browser.field("Password").sendKeys("short");
      assertEquals("", error("password")); // nobody has left the field
      browser.field("Name").sendKeys("A");
      assertEquals("Password must have 8 to 128 characters", error("password"));
      browser.field("Password").sendKeys("er than before");
      assertEquals("", error("password"));
    }
  }

  @Test
  void aBusyServiceIsAskedAgainWithTheSameKey() {
    SignupOutcome busy = new SignupOutcome.Unavailable("Busy.", Duration.ofSeconds(1));
    try (ServerFixture api = stub(busy, new SignupOutcome.Stopping())) {
      open(api);
      fillAndSend();
      browser.awaitText("The service can't take your sign-up now. What you typed is kept.");
      assertTyped("Ada", "ada@example.org", "correct horse");
      browser.awaitText("The service is stopping and takes no sign-ups. What you typed is kept.");
      browser.awaitText("Thank you");
      assertEquals(3, requests.size());
      assertEquals(1, requests.stream().distinct().count());
    }
  }

  @Test
  void withoutJavaScriptABusyServiceKeepsWhatWasTyped() {
    SignupOutcome busy = new SignupOutcome.Unavailable("Busy.", Duration.ofSeconds(1));
    try (ServerFixture api = stub(busy, new SignupOutcome.Stopping())) {
      browser.javaScript(false);
      open(api);
      fillAndSend();
      browser.awaitText("Busy.");
      assertTyped("Ada", "ada@example.org", "");
      browser.type("Password", "correct horse");
      browser.press("Sign up");
      browser.awaitText("The service is stopping");
      assertTyped("Ada", "ada@example.org", "");
      browser.type("Password", "correct horse");
      browser.press("Sign up");
      browser.awaitText("Thank you");
      assertEquals(3, requests.size());
      assertEquals(1, requests.stream().distinct().count());
    }
  }

  /** The form is filled, the service stops and is gone, another one starts on its port. */
  @Test
  void aStopLosesNothingThatWasTyped() throws Exception {
    ServiceProcess service = start();
    int port = service.port();
    browser.open(api(service));
    fill("Ada", "ada@example.org", "correct horse");
    service.signal("TERM");
    assertEquals(0, service.awaitExit());
    browser.press("Sign up");
    browser.awaitText("The service can't be reached. What you typed is kept.");
    assertTyped("Ada", "ada@example.org", "correct horse");
    browser.screenshot("sign-up-unreachable");
    start("server.port=" + port);
    browser.awaitText("Thank you");
  }

  @Test
  void looksRightInLightAndDarkAndOnAPhone() throws Exception {
    try (ServerFixture api = stub()) {
      open(api);
      shoot("sign-up");
      fill("", "nobody", "short");
      browser.press("Sign up");
      shoot("sign-up-errors");
      fillAndSend();
      browser.awaitText("Thank you");
      shoot("sign-up-thanks");
      browser.open("http://127.0.0.1:" + api.port() + "/nowhere");
      browser.awaitText("Not found");
      accessible();
    }
  }
}
