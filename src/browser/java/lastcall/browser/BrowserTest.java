package lastcall.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tests of pages share: one browser for all tests of a class, and services, each a process of
 * its own that is killed when its test ends. Where no browser is, the tests are skipped; with
 * {@code -Dlastcall.browser=required} they fail.
 *
 * <pre>{@code
 * final class OutboxPageTest extends BrowserTest {
 *   @Test
 *   void listsWhatIsDue() throws Exception {
 *     ServiceProcess service = start("smtp.embedded-delay=2s");
 *     browser.open(management(service) + "/outbox");
 *     browser.awaitText("due");
 *     accessible(); // by axe-core, in light and dark
 *     browser.screenshot("outbox");
 *   }
 * }
 * }</pre>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrowserTest {
  private static final String MISSING =
      "no chromium and chromedriver on the PATH; Debian has both: chromium, chromium-driver";

  /** Of the database, new for each test. */
  @TempDir Path directory;

  Browser browser;
  private final List<ServiceProcess> services = new ArrayList<>();

  @BeforeAll
  final void openBrowser() {
    browser = Browser.start();
    if (browser == null) {
      assertNotEquals("required", System.getProperty("lastcall.browser"), MISSING);
    }
    assumeTrue(browser != null, MISSING);
  }

  @AfterAll
  final void closeBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  final void reset() {
    browser.reset();
  }

  /** The tests look at what they ask for; here we look for what nobody asked for. */
  @AfterEach
  final void endServices() {
    services.forEach(ServiceProcess::close);
    services.clear();
    assertEquals(List.of(), browser.complaints(), "what the browser's console says");
  }

  /** A service that serves, with the embedded mail server, a cheap hash and free ports. */
  final ServiceProcess start(String... settings) throws Exception {
    ServiceProcess service = ServiceProcess.start(directory, settings);
    services.add(service);
    return service;
  }

  /** The address of the public port. */
  static String api(ServiceProcess service) throws Exception {
    return "http://127.0.0.1:" + service.port();
  }

  /** The address of the management port. */
  static String management(ServiceProcess service) throws Exception {
    return "http://127.0.0.1:" + service.port("management");
  }

  /** The page as it is now has no serious fault for axe-core, neither in light nor in dark. */
  final void accessible() throws Exception {
    for (boolean dark : new boolean[] {false, true}) {
      browser.dark(dark);
      assertEquals(List.of(), browser.axe(), dark ? "axe, in dark" : "axe, in light");
    }
    browser.dark(false);
  }

  /** Pictures for documents, and axe: in light and dark, wide, and narrow without scrolling. */
  final void shoot(String name) throws Exception {
    accessible();
    browser.screenshot(name);
    browser.dark(true);
    browser.screenshot(name + "-dark");
    browser.dark(false);
    browser.width(360);
    assertEquals(360L, browser.evaluate("document.documentElement.scrollWidth"), "no scrolling");
    accessible();
    browser.screenshot(name + "-narrow");
    browser.width(1280);
  }

  /** Asks the management port, not through the browser. */
  static void manage(ServiceProcess service, String method, String path, String body)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(management(service) + path))
              .timeout(ServiceProcess.GUARD)
              .method(method, BodyPublishers.ofString(body))
              .build();
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      assertEquals(200, response.statusCode(), response.body());
    }
  }
}
