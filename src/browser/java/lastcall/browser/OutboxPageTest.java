package lastcall.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import lastcall.drill.ServiceProcess;
import lastcall.drill.SignupClient;
import org.junit.jupiter.api.Test;

/** The outbox as an operator uses it. */
final class OutboxPageTest extends BrowserTest {
  private static final String REFUSE =
      "{\"at\":\"rcpt\",\"reply\":\"550 5.1.1 no such user\",\"next\":3}";

  /** Not the one for when the process is gone. */
  private static final String ALARM = ".alarm:not([hidden])";

  private static void signUp(ServiceProcess service, int count) throws Exception {
    try (SignupClient client = new SignupClient(service.port())) {
      for (int i = 0; i < count; i++) {
        assertEquals(202, client.signUp("ann" + i + "@example.org").status());
      }
    }
  }

  /** Loads the page until it lists so many e-mails. */
  private void awaitListed(String url, int count) {
    browser.await(
        count + " e-mails on " + url,
        () -> {
          browser.open(url);
          return browser.elements("tbody tr").size() == count;
        });
  }

  @Test
  void refusedOnesAreFoundReadAndSentAgain() throws Exception {
    ServiceProcess service = start();
    manage(service, "PUT", "/api/mailbox/trouble", REFUSE);
    signUp(service, 3);
    String outbox = management(service) + "/outbox";
    awaitListed(outbox + "?state=refused", 3);
    browser.open(outbox);
    browser.field("State").sendKeys("refused");
    browser.type("Part of the reason", "Recipient Refused");
    browser.press("Search");
    browser.await("it has searched", () -> browser.url().contains("reason=Recipient"));
    assertEquals(3, browser.elements("tbody tr").size(), browser::text);
    shoot("outbox");

    browser.element("tbody a").click();
    browser.awaitText("What the server said");
    assertTrue(browser.text().contains("RCPT 550"), browser::text);
    assertTrue(browser.text().contains("no such user"), browser::text);
    shoot("outbox-mail");

    browser.open(outbox + "?state=refused");
    browser.press("Send all that match again …");
    browser.awaitText("3 e-mails match, state refused, and can be sent again.");
    shoot("outbox-confirm");
    browser.press("Send again");
    browser.awaitText("Done with 3 e-mails.");
    awaitListed(outbox + "?state=sent", 3);
    awaitListed(outbox + "?state=refused", 0);
  }

  @Test
  void aPauseIsRedOnEveryPageUntilItIsResumed() throws Exception {
    ServiceProcess service = start();
    String outbox = management(service) + "/outbox";
    browser.open(outbox);
    browser.press("Pause delivery");
    browser.awaitText("until somebody resumes it");
    service.await("delivery is paused, e-mails wait");
    signUp(service, 2);
    for (String page : List.of("/", "/outbox", "/outbox?state=due", "/mailbox")) {
      browser.open(management(service) + page);
      browser.await(
          page + " says so",
          () ->
              browser
                  .element(ALARM)
                  .getText()
                  .startsWith("Delivery is paused until it is resumed"));
      Object colour =
          browser.evaluate("getComputedStyle(document.querySelector('" + ALARM + "')).color");
      assertEquals("rgb(179, 38, 30)", colour, page);
    }
    awaitListed(outbox + "?state=due", 2);
    shoot("outbox-paused");
    browser.element("form[action='/outbox/resume'] button").click();
    browser.await("the pause's end", () -> !browser.text().contains("Paused since"));
    awaitListed(outbox + "?state=sent", 2);
    service.await("delivery goes on");
    browser.await(
        "no alarm",
        () -> {
          browser.open(outbox);
          return browser.elements(ALARM).isEmpty();
        });
  }

  @Test
  void readOnlyOffersNoActions() throws Exception {
    ServiceProcess service = start("management.read-only=true");
    signUp(service, 1);
    String outbox = management(service) + "/outbox";
    awaitListed(outbox + "?state=sent", 1);
    String mail = browser.element("tbody a").getDomProperty("href");
    for (String page : List.of(outbox + "?state=sent", mail, management(service) + "/mailbox")) {
      browser.open(page);
      assertTrue(browser.text().contains("Read-only"), browser::text);
      assertEquals(0, browser.elements("form[method=post], .actions").size(), browser::text);
    }
    shoot("outbox-read-only");
  }
}
