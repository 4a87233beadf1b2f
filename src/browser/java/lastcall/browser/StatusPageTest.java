package lastcall.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import org.junit.jupiter.api.Test;

/** The dashboard, and the stop as a person watches it. */
final class StatusPageTest extends BrowserTest {
  private static final Pattern DEADLINE = Pattern.compile("Deadline in\\s+([\\d.]+) s");

  private static void signUp(ServiceProcess service, String name, int count) throws Exception {
    try (SignupClient client = new SignupClient(service.port())) {
      for (int i = 0; i < count; i++) {
        assertEquals(202, client.signUp(name + i + "@example.org").status());
      }
    }
  }

  @Test
  void countsWhileItIsLookedAt() throws Exception {
    ServiceProcess service = start();
    browser.open(management(service) + "/");
    browser.awaitText("No problems.");
    assertTrue(browser.text().contains("The last 15 minutes"));
    signUp(service, "ann", 7);
    browser.await("seven are sent", () -> figure("Sent").equals("7"));
    assertEquals("7", figure("Sign-ups accepted"));
    accessible();
    browser.width(360);
    accessible();
    browser.screenshot("status-narrow");
  }

  /** The first figure with that name. */
  private String figure(String name) {
    return browser.elements("dl.figures div").stream()
        .map(figure -> figure.getText().split("\n", 2))
        .filter(lines -> lines[0].equals(name))
        .map(lines -> lines[1])
        .findFirst()
        .orElse("none");
  }

  @Test
  void theStopIsWatchedToItsEndAndReadAfterTheRestart() throws Exception {
    ServiceProcess service = start("smtp.embedded-delay=3s", "management.port=0");
    String page = management(service) + "/";
    browser.open(page);
    signUp(service, "bob", 12);
    service.signal("TERM");
    browser.awaitText("The stop (TERM");
    browser.await("the drain", () -> figure("Phase").equals("drain"));
    List<Double> countdown = new ArrayList<>();
    browser.await(
        "the countdown goes on",
        () -> {
          Matcher left = DEADLINE.matcher(browser.text());
          if (left.find()) {
            countdown.add(Double.parseDouble(left.group(1)));
          }
          return countdown.stream().distinct().count() >= 3;
        });
    assertTrue(countdown.getLast() < countdown.getFirst(), countdown::toString);
    assertTrue(browser.text().contains("waits for the answer to its final dot"), browser::text);
    accessible();
    browser.screenshot("stop");
    assertEquals(0, service.awaitExit());
    browser.awaitText("The process is gone");
    assertTrue(browser.text().contains("It was stopping"), browser::text);
    assertFalse(browser.complaints().toString().contains("Uncaught"));

    ServiceProcess next = start();
    browser.open(management(next) + "/");
    browser.awaitText("How the last stop ended");
    browser.awaitText("told to stop by TERM");
    assertTrue(browser.text().contains("with status 0"), browser::text);
    browser.screenshot("last-stop");
  }

  @Test
  void isReadWithoutJavaScript() throws Exception {
    ServiceProcess service = start();
    signUp(service, "eve", 2);
    browser.javaScript(false);
    browser.open(management(service) + "/");
    assertTrue(browser.text().contains("Sign-ups accepted"), browser::text);
    assertTrue(browser.text().contains("owner thread"), browser::text);
  }

  @Test
  void theTokenIsAskedForOnce() throws Exception {
    ServiceProcess service = start("management.token=0123456789abcdef");
    browser.open(management(service) + "/");
    browser.awaitText("Log in");
    accessible();
    browser.type("Token", "not the token at all");
    browser.press("Log in");
    browser.awaitText("This is not the token.");
    browser.type("Token", "0123456789abcdef");
    browser.press("Log in");
    browser.awaitText("No problems.");
    browser.reload();
    browser.awaitText("No problems.");
    browser.press("Log out");
    browser.awaitText("The session ends after 12 hours");
  }
}
