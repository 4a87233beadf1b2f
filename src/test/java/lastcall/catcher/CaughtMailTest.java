package lastcall.catcher;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Taking e-mails apart, good ones and broken ones. */
final class CaughtMailTest {
  static final String RICH =
      """
      From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.org>
      To: ann@example.org,
       bob@example.org
      Subject: =?UTF-8?B?R3LDvMOfZQ==?=
      Message-ID: <rich@example.org>
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary=A

      --A
      Content-Type: multipart/related; boundary=B

      --B
      Content-Type: multipart/alternative; boundary=C

      --C
      Content-Type: text/plain; charset=utf-8
      Content-Transfer-Encoding: quoted-printable

      Gr=C3=BC=C3=9Fe
      --C
      Content-Type: text/html; charset=iso-8859-1
      Content-Transfer-Encoding: quoted-printable

      <p>Gr=FC=DFe</p><img src=3D"cid:logo@example.org"><img src=3D'cid:none@x'>
      --C--
      --B
      Content-Type: image/png; name=logo.png
      Content-ID: <logo@example.org>
      Content-Transfer-Encoding: base64

      iVBORw0KGgo=
      --B--
      --A
      Content-Type: application/pdf
      Content-Disposition: attachment; filename="=?UTF-8?Q?=C3=BCber.pdf?="
      Content-Transfer-Encoding: base64

      JVBERg==
      --A
      Content-Type: text/plain
      Content-Disposition: attachment; filename=notes.txt

      notes
      --A--
      """
          .replace("\n", "\r\n");

  static CaughtMail parse(String source) {
    return CaughtMail.of(source.getBytes(UTF_8));
  }

  @Test
  void findsTextHtmlAndWhatComesWithThem() {
    CaughtMail mail = parse(RICH);
    assertNull(mail.broken());
    assertEquals("Grüße", mail.text());
    String html = mail.html();
    assertNotNull(html);
    assertTrue(html.startsWith("<p>Grüße</p>"), html);
    assertEquals(
        List.of("logo.png image/png 8", "über.pdf application/pdf 4", "notes.txt text/plain 5"),
        mail.attachments().stream()
            .map(a -> a.name() + " " + a.type() + " " + a.bytes().length)
            .toList());
    assertTrue(mail.headers().contains(new CaughtMail.Field("Subject", "Grüße")));
    assertTrue(
        mail.headers().contains(new CaughtMail.Field("To", "ann@example.org, bob@example.org")));
    String filled = InlineImages.fill(html, mail.attachments());
    assertTrue(filled.contains("src=\"data:image/png;base64,iVBORw0KGgo=\""), filled);
    assertTrue(filled.contains("cid:none@x"), filled);
  }

  @Test
  void anImageThatIsNamedManyTimesDoesNotFillTheMemory() {
    var image = new CaughtMail.Attachment(1, "", "image/png", "i", new byte[1 << 20]);
    String filled = InlineImages.fill("<img src=cid:i>".repeat(60_000), List.of(image));
    assertTrue(filled.length() < InlineImages.MAX_LENGTH + (2 << 20), "" + filled.length());
    var text = new CaughtMail.Attachment(1, "", "text/html", "i", new byte[1]);
    assertEquals("<img src=cid:i>", InlineImages.fill("<img src=cid:i>", List.of(text)));
  }

  @Test
  void theHeadIsReadWithoutTheRest() {
    MailHead head = MailHead.of(RICH.getBytes(UTF_8));
    assertEquals("rich@example.org", head.messageId());
    assertEquals("Jürgen <j@example.org>", head.from());
    assertEquals("Grüße", head.subject());
    assertEquals(
        List.of("ann@example.org", "bob@example.org"), MailHead.recipients(RICH.getBytes(UTF_8)));
    String injected = "Subject: =?UTF-8?Q?a=0D=0Ab=00c?=\r\n\r\n";
    assertEquals("a b c", MailHead.of(injected.getBytes(UTF_8)).subject());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n",
        "no header at all",
        "Subject\r\n\r\nx",
        "Content-Type: multipart/mixed\r\n\r\nno boundary",
        "Content-Type: multipart/mixed; boundary=A\r\n\r\n--A\r\n",
        "Content-Type: ;;;\r\n\r\nx",
        "Content-Type: text/plain; charset=no-such\r\n\r\nx",
        "Content-Type: text/plain; charset=\"\0\"\r\n\r\nx",
        "Content-Transfer-Encoding: base64\r\n\r\n%%%!",
        "Content-Transfer-Encoding: no-such\r\n\r\nx",
        "Content-Disposition: ;;=\r\n\r\nx",
        "To: <<<,,>\r\nSubject: =?no-such?Q?x?= =?UTF-8?B?!?=\r\n\r\nx",
        "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nx"
      })
  void brokenOnesAreTakenAsFarAsTheyGo(String source) {
    CaughtMail mail = parse(source);
    boolean told = mail.broken() != null || mail.text() != null || !mail.attachments().isEmpty();
    assertTrue(told, () -> "neither shown nor called broken: " + source);
    MailHead.of(source.getBytes(UTF_8));
    MailHead.recipients(source.getBytes(UTF_8));
  }

  @Test
  void whatIsNotUnderstoodIsCalledBroken() {
    assertEquals("x", parse("Content-Transfer-Encoding: no-such\r\n\r\nx").text());
    assertNotNull(parse("Content-Transfer-Encoding: no-such\r\n\r\nx").broken());
    CaughtMail charset = parse("Content-Type: text/plain; charset=no-such\r\n\r\nx");
    assertEquals("x", charset.text());
    assertNotNull(charset.broken());
    assertNotNull(parse("Content-Type: multipart/mixed\r\n\r\nno boundary").broken());
    StringBuilder deep = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      deep.append("Content-Type: multipart/mixed; boundary=b" + i + "\r\n\r\n--b" + i + "\r\n");
    }
    assertNotNull(parse(deep + "\r\nx").broken());
    String many = "--A\r\n\r\nx\r\n".repeat(1_000);
    CaughtMail wide = parse("Content-Type: multipart/mixed; boundary=A\r\n\r\n" + many + "--A--");
    assertNotNull(wide.broken());
    assertTrue(wide.attachments().size() < 250);
  }

  /** Each broken in a few places, by chance from a fixed seed. */
  @Test
  void nothingIsThrownWhateverComes() {
    Random random = new Random(12);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = RICH.getBytes(ISO_8859_1);
      for (int changes = random.nextInt(1, 20); changes > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      CaughtMail mail = CaughtMail.of(bytes);
      MailHead.of(bytes);
      MailHead.recipients(bytes);
      assertTrue(mail.attachments().size() < 250);
    }
  }
}
