package lastcall.browser;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.TimeoutException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Chromium without a window, and what a person does with a page. */
final class Browser implements AutoCloseable {
  /** Where screenshots go. */
  static final Path SCREENSHOTS = Path.of("target", "screenshots");

  private static final Duration GUARD = Duration.ofSeconds(30);
  private static final int WIDTH = 1280;

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Returns null where Chromium or its driver is not installed. */
  static @Nullable Browser start() {
    File chromium = program("chromium", "google-chrome");
    File chromedriver = program("chromedriver");
    if (chromium == null || chromedriver == null) {
      return null;
    }
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium);
    options.addArguments("--headless=new", "--disable-gpu", "--lang=en", "--no-proxy-server");
    options.addArguments("--disable-dev-shm-usage"); // a container's has 64 MB
    options.addArguments("--disable-background-networking", "--hide-scrollbars");
    if ("root".equals(System.getProperty("user.name"))) {
      options.addArguments("--no-sandbox"); // which root can't have
    }
    LoggingPreferences console = new LoggingPreferences();
    console.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", console);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(chromedriver).build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static @Nullable File program(String... names) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(names)
        .flatMap(name -> Stream.of(path.split(":", -1)).map(in -> new File(in, name)))
        .filter(File::canExecute)
        .findFirst()
        .orElse(null);
  }

  /** Forgets cookies and what the last test has set: light, wide, with JavaScript. */
  void reset() {
    driver.get("about:blank");
    driver.manage().deleteAllCookies();
    dark(false);
    width(WIDTH);
    javaScript(true);
    complaints();
  }

  void open(String url) {
    driver.get(url);
  }

  void reload() {
    driver.navigate().refresh();
  }

  String url() {
    return driver.getCurrentUrl();
  }

  /** What {@code prefers-color-scheme} says. */
  void dark(boolean dark) {
    Map<String, String> scheme =
        Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
    driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
  }

  /**
   * @param pixels 360 is a small phone
   */
  void width(int pixels) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", pixels, "height", 800, "deviceScaleFactor", 1, "mobile", false));
  }

  /** For pages that are opened from now on. */
  void javaScript(boolean on) {
    driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", !on));
  }

  /** While false, every request of the page fails as without a network. */
  void online(boolean online) {
    driver.executeCdpCommand("Network.enable", Map.of());
    driver.executeCdpCommand(
        "Network.emulateNetworkConditions",
        Map.of("offline", !online, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
  }

  WebElement element(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> elements(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** The input, text area or selection with that label. */
  WebElement field(String label) {
    WebElement labelled =
        driver.findElement(By.xpath("//label[starts-with(normalize-space(),'" + label + "')]"));
    return driver.findElement(By.id(labelled.getDomAttribute("for")));
  }

  /** Replaces what is in the field with that label by typing. */
  void type(String label, String text) {
    WebElement field = field(label);
    field.clear();
    field.sendKeys(text);
  }

  /** Presses the button or follows the link with that text. */
  void press(String text) {
    driver
        .findElement(By.xpath("//*[self::button or self::a][normalize-space()='" + text + "']"))
        .click();
  }

  /** The element that has the focus. */
  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  /** All text of the page that can be seen. */
  String text() {
    return element("body").getText();
  }

  void awaitText(String text) {
    await("the page says \"" + text + "\"", () -> text().contains(text));
  }

  /** Waits until it is true. An element that is missing or replaced meanwhile means false. */
  void await(String what, BooleanSupplier condition) {
    try {
      new WebDriverWait(driver, GUARD, Duration.ofMillis(50))
          .ignoring(NoSuchElementException.class, StaleElementReferenceException.class)
          .until(page -> condition.getAsBoolean());
    } catch (TimeoutException e) {
      throw new AssertionError("not within " + GUARD + ": " + what + "; the page:\n" + text(), e);
    }
  }

  /** The result of a JavaScript expression in the page. */
  @Nullable Object evaluate(String expression) {
    return driver.executeScript("return " + expression);
  }

  /**
   * What axe-core finds serious or critical, a line for each element. The page must have been
   * opened with JavaScript.
   */
  List<String> axe() throws IOException {
    try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
      driver.executeScript(new String(axe.readAllBytes(), UTF_8));
    }
    Object found =
        driver.executeAsyncScript(
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
                results => done(results.violations
                    .filter(v => v.impact === 'serious' || v.impact === 'critical')
                    .flatMap(v => v.nodes.map(n => v.id + ': ' + n.html + ' ' + n.failureSummary))),
                error => done(['axe failed: ' + error]));
            """);
    return ((List<?>) found).stream().map(Object::toString).toList();
  }

  /** The whole page as target/screenshots/NAME.png. */
  Path screenshot(String name) throws IOException {
    Map<String, Object> shot =
        driver.executeCdpCommand("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
    Files.createDirectories(SCREENSHOTS);
    byte[] png = Base64.getDecoder().decode((String) shot.get("data"));
    return Files.write(SCREENSHOTS.resolve(name + ".png"), png);
  }

  /**
   * What the browser's console has said since the last call about scripts that failed and about
   * what the Content-Security-Policy forbade. It is silent about requests that failed, because some
   * tests are about those.
   */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(entry -> entry.getMessage())
        .filter(said -> said.contains("Content Security Policy") || said.contains("Uncaught"))
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
