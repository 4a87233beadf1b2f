package lastcall.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The checks of all the other tests here do find what they look for. */
final class FixtureTest extends BrowserTest {
  private static final String PAGE =
      """
      <!doctype html><html lang=en><title>A page</title>
      <style>
        body { background: #fff; color: #000 }
        @media (prefers-color-scheme: dark) { body { background: #777; color: #888 } }
      </style>
      <main><h1>A page</h1><p id=p>without a script</p></main>
      """;

  private void open(String page) {
    byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
    browser.open("data:text/html;base64," + Base64.getEncoder().encodeToString(bytes));
  }

  @Test
  void axeFindsWhatIsOnlyWrongInTheDark() throws Exception {
    open(PAGE);
    assertEquals(List.of(), browser.axe());
    AssertionError found = assertThrows(AssertionError.class, this::accessible);
    assertTrue(found.getMessage().contains("color-contrast"), found.getMessage());
  }

  @Test
  void scriptsThatFailAndWhatThePolicyForbidsAreSeen() {
    open(PAGE + "<script>throw new Error('on purpose')</script>");
    assertTrue(browser.complaints().toString().contains("on purpose"));
    open(
        PAGE
            + "<meta http-equiv=Content-Security-Policy content=\"script-src 'none'\">"
            + "<script>1</script>");
    assertTrue(browser.complaints().toString().contains("Content Security Policy"));
  }

  @Test
  void scriptsRunOnlyWhenTheyMay() {
    String page = PAGE + "<script>document.getElementById('p').textContent = 'scripted'</script>";
    browser.javaScript(false);
    open(page);
    browser.awaitText("without a script");
    browser.javaScript(true);
    open(page);
    browser.awaitText("scripted");
  }

  @Test
  void aNarrowPageIsNarrow() throws Exception {
    browser.width(360);
    open(PAGE);
    assertEquals(360L, browser.evaluate("innerWidth"));
    assertTrue(browser.screenshot("fixture").toFile().length() > 1_000);
  }
}
