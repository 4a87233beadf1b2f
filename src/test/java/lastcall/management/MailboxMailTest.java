package lastcall.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import lastcall.admin.MaskedText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page of one e-mail, which may be hostile or broken. */
final class MailboxMailTest {
  private static final String HOSTILE =
      """
      From: Eve <eve@example.org>
      To: ann@example.org
      Subject: <script>alert(1)</script> for ann@example.org
      Message-ID: <hostile@mail.example>
      MIME-Version: 1.0
      Content-Type: multipart/related; boundary=B

      --B
      Content-Type: text/html

      <p>for ann@example.org</p><script>parent.document.title='owned'</script>
      <img src="http://tracker.example/pixel.png"><img src="cid:logo@mail.example">
      --B
      Content-Type: image/png
      Content-ID: <logo@mail.example>
      Content-Transfer-Encoding: base64

      iVBORw0KGgo=
      --B
      Content-Type: text/html; name="../<b>.html"
      Content-Disposition: attachment; filename="../<b>.html"

      <script>alert(2)</script>
      --B--
      """
          .replace("\n", "\r\n");

  private static final String PLAIN =
      "From: a@example.org\r\nTo: bob@example.org\r\nSubject: plain\r\nMessage-ID: <plain@x>\r\n\r\n"
          + "Dear bob@example.org, <b>hello</b>.";

  @TempDir Path directory;

  private MailboxFixture start() throws Exception {
    return new MailboxFixture(directory.resolve("mailbox"), false);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return String.join("|", answer.headers().allValues(name));
  }

  @Test
  void theHtmlOfAnEmailIsAloneAndCanDoNothing() throws Exception {
    try (MailboxFixture service = start()) {
      service.deliver("ann@example.org", HOSTILE);
      String page = service.get("/mailbox/hostile@mail.example").body();
      assertTrue(page.contains("<iframe sandbox=\"\" "), page);
      assertFalse(page.contains("<script>"), page);
      assertFalse(page.contains("ann@example.org"), page);
      assertTrue(page.contains("../&lt;b&gt;.html"), page);

      HttpResponse<String> html = service.get("/mailbox/hostile@mail.example/html");
      assertEquals(
          "default-src 'none'; img-src data: cid:; style-src 'unsafe-inline'; sandbox;"
              + " frame-ancestors 'self'",
          header(html, "content-security-policy"));
      assertEquals("text/html; charset=UTF-8", header(html, "content-type"));
      assertEquals("nosniff", header(html, "x-content-type-options"));
      assertEquals("no-referrer", header(html, "referrer-policy"));
      assertTrue(html.body().contains("src=\"data:image/png;base64,iVBORw0KGgo=\""), html.body());
      assertTrue(html.body().contains("for a…@e….org"), html.body());

      String first = "/mailbox/hostile@mail.example/attachments/2";
      assertEquals(403, service.get(first).statusCode(), "its addresses can't be masked");
      assertEquals(403, service.get(first + "?addresses=1").statusCode());
      HttpResponse<String> file =
          service.get("/mailbox/hostile@mail.example/attachments/2?addresses=show");
      assertEquals("application/octet-stream", header(file, "content-type"));
      assertEquals(
          "attachment; filename*=UTF-8''..%2F%3Cb%3E.html", header(file, "content-disposition"));
      assertEquals(
          404,
          service.get("/mailbox/hostile@mail.example/attachments/9?addresses=show").statusCode());
    }
  }

  @Test
  void showsTextSourceAndHeadersMaskedUnlessAsked() throws Exception {
    try (MailboxFixture service = start()) {
      service.deliver("bob@example.org", PLAIN);
      String page = service.get("/mailbox/plain%40x").body();
      assertTrue(page.contains("Dear b…@e….org, &lt;b&gt;hello&lt;/b&gt;."), page);
      assertFalse(page.contains("bob@"), page);
      assertTrue(page.contains("href=\"/outbox/plain%40x\""), page);
      assertTrue(service.get("/mailbox/plain@x?addresses=show").body().contains("bob@example.org"));
      HttpResponse<String> source = service.get("/mailbox/plain@x/source");
      assertEquals("text/plain; charset=UTF-8", header(source, "content-type"));
      assertFalse(source.body().contains("bob@"), source.body());
      for (String path : new String[] {"", "/source", "/html"}) {
        String other = service.get("/mailbox/plain@x" + path + "?addresses=1").body();
        assertFalse(other.contains("bob@"), other);
        assertFalse(other.contains("Mask addresses"), other);
      }
      assertEquals(PLAIN + "\r\n", service.get("/mailbox/plain@x/source?addresses=show").body());
    }
  }

  @Test
  void aBrokenEmailIsShownAsItCame() throws Exception {
    try (MailboxFixture service = start()) {
      service.deliver(
          "ann@example.org",
          "Message-ID: <b>\r\nContent-Type: multipart/mixed\r\n\r\nwhere is <the> boundary");
      String page = service.get("/mailbox/b").body();
      assertTrue(page.contains("This e-mail is broken"), page);
      assertTrue(page.contains("where is &lt;the&gt; boundary"), page);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ann@example.org|a…@e….org",
        "Ann <ann@example.org>, bob@x.|Ann <a…@e….org>, b…@x….",
        "a@b@c|a…@b…@c",
        "@media @ x@ @|@media @ x@ @",
        "mailto:ann@sub.example.org?x|mailto:a…@s….org?x"
      })
  void masks(String pair) {
    String[] parts = pair.split("\\|", 2);
    assertEquals(parts[1], MaskedText.mask(parts[0]));
  }

  @Test
  void maskingALongLineTakesNoLongTime() {
    String line = "a".repeat(1 << 20) + "@" + "b".repeat(1 << 20);
    assertEquals("a…@b…", MaskedText.mask(line));
    MaskedText.mask("a@".repeat(1 << 20));
    MaskedText.mask("a".repeat(1 << 20));
  }
}
