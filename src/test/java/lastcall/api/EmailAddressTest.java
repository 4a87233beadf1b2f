package lastcall.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import lastcall.signup.SignupRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmailAddressTest {
  @ParameterizedTest
  @CsvSource({
    "ann@example.org,          ann@example.org",
    "Ann@Example.ORG,          Ann@example.org",
    "a.b+c@sub.example.org,    a.b+c@sub.example.org",
    "!#$%&*+/=?^_`{|}~-@a.org, !#$%&*+/=?^_`{|}~-@a.org",
    "ann@b\u00fccher.example,  ann@xn--bcher-kva.example",
    "ann@\u4f8b\u5b50.\u6d4b\u8bd5, ann@xn--fsqu00a.xn--0zwm56d",
    "ann@example\u3002org,     ann@example.org",
    "ann@EX\uff21MPLE.org,     ann@example.org",
    "ann@1.2.3.example,        ann@1.2.3.example",
    "ann@fa\u00df.de,            ann@xn--fa-hia.de",
    "ann@\u0431\u0435\u043b.\u0431\u0435\u043b, ann@xn--90ais.xn--90ais",
    "ann@a-b.example,          ann@a-b.example",
  })
  void accepted(String raw, String deliverable) {
    assertEquals(Optional.of(deliverable), EmailAddress.normalise(raw));
    assertEquals(Optional.of(deliverable), EmailAddress.normalise(deliverable), "stable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "@",
        "a@",
        "@example.org",
        "a@b@example.org",
        "a@localhost",
        "a@example.org.",
        "a@.example.org",
        "a@example..org",
        "a@-a.org",
        "a@a-.org",
        "a@1.2.3.4",
        "a@[1.2.3.4]",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        "\"a b\"@example.org",
        "a b@example.org",
        "a@exam ple.org",
        "a@exa_mple.org",
        "adm\u0169n@example.org",
        "\u00e4@example.org",
        "a@example.org\r\nDATA",
        "a\n@example.org",
        "a@example.org\0",
        "a@example.org,b@example.org",
        "a,b@example.org",
        "a@example.org;b@example.org",
        "<a@example.org>",
        "Ann <a@example.org>",
        "u@x.org> NOTIFY=NEVER ORCPT=<x",
        "a(comment)@example.org",
        "a@example.org(comment)",
        "a:b@example.org",
        "a\\@example.org",
        "a@x\u200d.org",
        "a@ex\u202eample.org",
        "a@b\uff20example.org",
        "a@example.\ud800org",
        "a @example.org",
        "a@ example.org",
        "a\u00a0@example.org",
        "\u200ba\u200b@example.org",
      })
  void refused(String raw) {
    assertEquals(Optional.empty(), EmailAddress.normalise(raw));
  }

  @Test
  void lengths() {
    String label = "d".repeat(63);
    assertTrue(EmailAddress.normalise("l".repeat(64) + "@example.org").isPresent());
    assertTrue(EmailAddress.normalise("l".repeat(65) + "@example.org").isEmpty());
    assertTrue(EmailAddress.normalise("l@" + label + ".org").isPresent());
    assertTrue(EmailAddress.normalise("l@" + label + "d.org").isEmpty());
    String long250 = (label + ".").repeat(3) + "d".repeat(58); // 250
    assertTrue(EmailAddress.normalise("lll@" + long250).isPresent());
    assertTrue(EmailAddress.normalise("llll@" + long250).isEmpty());
    assertTrue(EmailAddress.normalise("l@" + "\u00fc".repeat(200) + ".org").isEmpty());
    assertTrue(EmailAddress.normalise("l@" + "a.".repeat(1_000_000) + "org").isEmpty());
  }

  /** Phone keyboards add a blank, and text copied from a page or a list of contacts the others. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "\t",
        "\r\n",
        "\u00a0",
        "\u2003",
        "\u202f",
        "\u3000",
        "\u200b",
        "\ufeff",
        "\u202a",
        "\u2069",
        " \u00a0 "
      })
  void whatStandsAroundIsTakenOff(String around) {
    Optional<String> ann = Optional.of("ann@example.org");
    assertEquals(ann, EmailAddress.normalise(around + "ann@example.org"));
    assertEquals(ann, EmailAddress.normalise("ann@example.org" + around));
    assertEquals(ann, EmailAddress.normalise(around + "ann@EXAMPLE.org" + around));
    assertEquals(Optional.empty(), EmailAddress.normalise(around));
  }

  @Test
  void theKeyIsWithoutCase() {
    assertEquals("ann@example.org", key("Ann@example.org"));
    assertEquals("i@example.org", key("I@example.org"), "whatever the locale");
    assertEquals(key("ann@b\u00fccher.example"), key(" ANN@BU\u0308CHER.example "));
    assertEquals(key("ann@b\u00fccher.example"), key("ann@XN--Bcher-KVA.example"));
    assertNotEquals(key("ann@fass.de"), key("ann@fa\u00df.de"));
    assertNotEquals(key("a@p\u0430ypal.com"), key("a@paypal.com"), "a Cyrillic letter");
  }

  private static String key(String raw) {
    String email = EmailAddress.normalise(raw).orElseThrow();
    return new SignupRequest("Ann", email, "correct horse", null, null).emailKey();
  }

  /** Whatever comes in, no exception, and what comes out is plain. */
  @Test
  void anything() {
    long seed = System.nanoTime();
    System.out.println("EmailAddressTest seed " + seed);
    Random random = new Random(seed);
    Pattern plain = Pattern.compile("[!-?A-~]{1,64}@[a-z0-9-]+(\\.[a-z0-9-]+)+");
    for (int i = 0; i < 100_000; i++) {
      StringBuilder raw = new StringBuilder("a@");
      for (int n = random.nextInt(12); n > 0; n--) {
        switch (random.nextInt(4)) {
          case 0 -> raw.append((char) (random.nextInt(0x60) + 0x20));
          case 1 -> raw.append((char) random.nextInt(0x10000));
          case 2 -> raw.appendCodePoint(random.nextInt(0x110000));
          default -> raw.append(".xn--".charAt(random.nextInt(5)));
        }
      }
      EmailAddress.normalise(raw + ".org")
          .ifPresent(a -> assertTrue(plain.matcher(a).matches() && a.length() <= 254, a));
    }
  }
}
