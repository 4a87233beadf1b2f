package lastcall.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PersonNameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Ann",
        "Dr. Ann O'Neil-Smith jr.",
        "J.R.R. Tolkien",
        "J.R.R.Tolkien",
        "Anne-Marie St.John",
        "St. John-Smythe, Esq.",
        "Martin Luther King, Jr.",
        "王小明",
        "María José",
        "Mari\u0301a",
        "Nguyễn Văn A.",
        "M.S.Dhoni",
        "A.P.J. Abdul Kalam",
        "Muthu a/l Samy",
        "Ravi s/o Kumar",
        "J.Kim",
        "Y.-S. Ng",
        "D.Ng",
        "X.Y.Li",
        "Dr.Smith",
        "Prof.Dr.Müller",
        "Ma.Teresa Cruz",
        "Md. Al-Amin",
        "Karl K:son Lindgren",
        "Jan van 't Hoff",
        "Ludwig van Beethoven III.",
        "Ann B.Sc.",
        "Jane Doe, Ph.D.",
        "А.С.Пушкин",
        "Γιώργος Παπαδόπουλος",
        "علی‌رضا",
        "ශ්‍රී",
        "นายสมชาย",
        "ᏣᎳᎩ",
        "Gal·la",
        "Björk Guðmundsdóttir",
        "O’Connor",
        "Ann 👩‍👩‍👧",
        "X Æ A-12",
        "+1 555 0100",
        "Ann (Annie) Smith",
        "Ann & Bob",
        "Bjørn!",
        "Ann \"Bit\" Ly",
        "Ann. Com",
        "www",
        "John Doe 3rd",
        "\ud842\udfb7野家"
      })
  void peopleAreCalledSo(String name) {
    assertEquals(Optional.empty(), PersonName.wrong(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "You won 8755 EUR! Claim now at https://spam.example/win?id=7 or call +1 555 0100",
        "http://a",
        "HTTPS://EVIL",
        "hxxp://evil.test",
        "ftp://x",
        "mailto:ann",
        "tel:+15550100",
        "javascript:alert(1)",
        "//evil",
        "\\\\server\\share",
        "www.evil",
        "WWW2.evil",
        "spam.example/win",
        "spam.example",
        "bit.ly",
        "t.me",
        "M.link",
        "example.com\u0338",
        "facetime:x",
        "Bit.Ly",
        "win at evil.com, now",
        "evil.com.",
        "(evil.com)",
        "o'evil.com",
        "<a href=evil.com>",
        "t.me/win",
        "x.unheardof/win",
        "a.b.evil.com",
        "x.com",
        "X.ORG",
        "A.B.Smith.com",
        "evil.co.uk",
        "evil.xn--p1ai",
        "пример.рф",
        "例え.世界",
        "i❤.ws",
        "evil.zip",
        "free-money.top?x=1",
        "evil.unheardof:8080",
        "192.0.2.1",
        "192.0.2.1/win",
        "ann@example.org",
        "@ann",
        "ann\uff20example",
        "ann\ufe6bexample",
        "ｂｉｔ．ｌｙ",
        "ｈｔｔｐｓ：／／ｅｖｉｌ",
        "bit。ly",
        "bit｡ly",
        "bit․ly",
        "bit۔ly",
        "bitꓸly",
        "https:∕∕evil",
        "https꞉⁄⁄evil",
        "x.unheardof⁄win",
        "bit.\u200dly",
        "bi\u200ct.ly",
        "bit\ufe0f.ly",
        "bit.\u3164ly",
        "bit.l\u034fy",
        "w\u200dww.evil",
        "htt\u200cps:\u200c//evil",
        "𝐛𝐢𝐭.𝐥𝐲",
        "ⓑⓘⓣ.ⓛⓨ"
      })
  void linksAreRefused(String name) {
    assertEquals(
        Optional.of(
            "must not hold a web address or an e-mail address; if it holds none, put a space"
                + " behind each dot"),
        PersonName.wrong(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\u3000\u00a0",
        "\u3164",
        "\u3164\u3164 \u3164",
        "\u115f",
        "\u1160",
        "\uffa0",
        "\u2800",
        "\u200d\u200c",
        "\u0301",
        " \u0301\u20dd",
        "\u17b4\u17b5",
        "\ufe0f",
        "\u034f",
        "\u180b",
        "\udb40\udd00",
        "\ue000",
        "\udbc0\udc00",
        "\u0378",
        "\ufffc",
        "\ud834\udd59",
        "\ud80d\udc41"
      })
  void invisibleNamesAreBlank(String name) {
    assertEquals(Optional.of("must not be blank"), PersonName.wrong(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u200b",
        "A\u200b",
        "A\u202eB",
        "A\u00ad",
        "\u2066A",
        "A\u061c",
        "A\u2060",
        "A\nB",
        "A\0",
        "A\u2028B",
        "\ufeffA",
        "\udb40\udc41",
        "A\uffff",
        "\ufdd0",
        "\u180e"
      })
  void charactersThatMisleadAreRefused(String name) {
    assertEquals(
        Optional.of("must not contain control, direction or other invisible characters"),
        PersonName.wrong(name));
  }

  @Test
  void aHundredCharactersAreEnough() {
    for (String one : new String[] {"a", "\u00e9", "\u738b", "\ud842\udfb7"}) {
      assertEquals(Optional.empty(), PersonName.wrong(one.repeat(100)));
      assertEquals(
          Optional.of("must not have more than 100 characters"), PersonName.wrong(one.repeat(101)));
    }
  }

  /** The longest body there may be, and what a pattern that goes back would take hours for. */
  @Test
  void nothingTakesLong() {
    for (String part : new String[] {"a.", "a", ".", "1.", "www", "\u0301", "-"}) {
      assertTrue(PersonName.wrong(part.repeat(500_000)).isPresent());
    }
  }
}
