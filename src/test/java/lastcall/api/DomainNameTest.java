package lastcall.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The expected values are those of Python's idna 3.13, with UTS 46 and not transitional. */
final class DomainNameTest {
  @ParameterizedTest
  @CsvSource({
    "\u0989\u09ce\u09b8\u09ac.\u09ac\u09be\u0982\u09b2\u09be, xn--d5b4e9a9e.xn--54b7fta0cc",
    "\u0d2e\u0d32\u0d2f\u0d3e\u0d33\u0d7d.com, xn--0wccif8c1w.com",
    "\u0d2e\u0d32\u0d2f\u0d3e\u0d33\u0d7e.com, xn--0wccif8c7w.com",
    "\u2d30\u2d4e\u2d30\u2d63\u2d49\u2d56.com, xn--4lja9esa6b8d.com",
    "\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444, xn--e1afmkfd.xn--p1ai",
    "fa\u00df.de, xn--fa-hia.de",
    "FA\u1e9e.de, xn--fa-hia.de",
    "\u03b2\u03cc\u03bb\u03bf\u03c2.com, xn--nxasmm1c.com",
    "\u0392\u038c\u039b\u039f\u03a3.com, xn--nxasmq6b.com",
    "\u0789\u07a7\u078d\u07ac.com, xn--qqbi1fva.com",
    "\u05d9\u05d9\u05b4\u05d5\u05d5\u05d0\u05b8.com, xn--cdbi5etaava.com",
    "gal\u00b7la.cat, xn--galla-sja.cat",
    "\u30c6\u30b9\u30c8\u30fb\u30c9\u30e1\u30a4\u30f3.jp, xn--eckybxbjf8l5eoc.jp",
    "\u05e6\u05d4\u05f4\u05dc.co.il, xn--8dbq2a9c.co.il",
    "\u3005\u3007.jp, xn--u6je.jp",
    "bu\u0308cher.example, xn--bcher-kva.example",
    "\ufb01.org, fi.org",
    "\u0130stanbul.com, xn--istanbul-o0e.com",
    "\u0131stanbul.com, xn--stanbul-qfb.com",
    "\u13e3\u13b3\u13a9.com, xn--f9dt7l.com",
    "\uabb3\uab83\uab79.com, xn--f9dt7l.com",
    "\u1ca0\u1ca3\u1ca1.ge, xn--1odcf.ge",
    "\ud83a\udd00\ud83a\udd23\ud83a\udd24\ud83a\udd22\ud83a\udd25.com, xn--9d6haceg.com",
    "\u07d2\u07de\u07cf.com, xn--qsbf0b.com",
    "\u1230\u120b\u121d.et, xn--lxd0b1c.et",
    "\u1112\u1161\u11ab.kr, xn--6q8b.kr",
    "\u2460.com, 1.com",
    "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com, xn--mgba3gch31f060k.com",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3.lk, xn--10cl1a0b660p.lk",
    "a\u00adb.com, ab.com",
    "\uff71\uff72\uff73\uff61jp, xn--cckeg.jp",
    "\u05d01.com, xn--1-zhc.com",
    "\u0f68\u0f0b.com, xn--nbd9p.com",
    "\u01c5.com, xn--d-toa.com",
    "S\u0327.com, xn--nga.com",
    "\ud842\udfb7\u91ce\u5bb6.jp, xn--fctt27jo60v.jp",
    "XN--BCHER-KVA.example, xn--bcher-kva.example",
    "\u4f8b\u3048.\u30c6\u30b9\u30c8, xn--r8jz45g.xn--zckzah",
  })
  void accepted(String raw, String ascii) {
    assertEquals(Optional.of(ascii), DomainName.toAscii(raw));
    assertEquals(Optional.of(ascii), DomainName.toAscii(ascii), "stable");
  }

  /** What people see of it would not be what it is, or no registry has it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "exam\u200cple.com",
        "exam\u200dple.com",
        "\u200d\u0dc1.lk",
        "ex\u202eample.org",
        "abc\u05d0.com",
        "1\u05d0.com",
        "\u0301a.com",
        "a\u00b7b.cat",
        "\u30fb.jp",
        "\u05f4a.il",
        "\ufdfa.com",
        "\ud83d\ude00.com",
        "i\u2764.ws",
        "\u3164.com",
        "a\u115f.com",
        "a\u034fb.com",
        "\u0640.com",
        "\u2044a.com",
        "\u00e9_a.com",
        "-\u00e9.com",
        "\u00e9-.com",
        "xn--\u00e9.com",
        "\ue000.com",
        "\u0378.com",
        "\ud800.com",
        "\u00e9..com",
        "\u00e9 .com",
        "\u00e9"
      })
  void refused(String raw) {
    assertEquals(Optional.empty(), DomainName.toAscii(raw));
  }
}
