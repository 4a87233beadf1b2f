package lastcall.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static lastcall.http.ServerFixture.GOOD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignupJsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "nonsense",
        "null",
        "[]",
        "\"text\"",
        "{",
        "{}{}",
        "{} x",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"nickname\":\"a\"}",
        "{\"name\":null}",
        "{\"name\":1}",
        "{\"name\":{\"name\":\"a\"}}",
        "{\"name\":[[[[[[[[[[\"a\"]]]]]]]]]]}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\udc00\\ud800\"}",
        "{\"name\":\"a\tb\"}",
        "{\"name\":\"a\"",
        "{'name':'a'}",
        "{\"name\":\"a\",}",
        "\ufeff\ufeff{}",
        "// comment\n{}",
      })
  void refusesWhatIsNotTheObject(String body) {
    assertInstanceOf(SignupJson.Malformed.class, SignupJson.parse(body.getBytes(UTF_8)));
  }

  @Test
  void refusesOtherEncodings() {
    byte[] latin1 = GOOD.replace("Ada", "Zo\u00eb").getBytes(ISO_8859_1);
    byte[] utf16 = GOOD.getBytes(UTF_16LE);
    byte[] overlong = {'{', '"', 'n', 'a', 'm', 'e', '"', ':', '"', (byte) 0xC0, (byte) 0x80};
    for (byte[] body : new byte[][] {latin1, utf16, overlong}) {
      assertInstanceOf(SignupJson.Malformed.class, SignupJson.parse(body));
    }
  }

  @Test
  void skipsAByteOrderMark() {
    assertEquals(
        SignupJson.parse(GOOD.getBytes(UTF_8)),
        SignupJson.parse(("\ufeff" + GOOD).getBytes(UTF_8)));
  }

  @Test
  void takesTheObjectWithFieldsMissing() {
    assertEquals(
        new SignupJson.Draft(new SignupDraft("Ada", null, null)),
        SignupJson.parse("{\"name\":\"Ada\"}".getBytes(UTF_8)));
  }
}
