package lastcall.api;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Domains as IDNA 2008 has them (RFC 5891, 5892), mapped as browsers do (UTS 46, not transitional).
 * {@code java.net.IDN} is IDNA 2003: it knows the letters of Unicode 3.2 only, and turns
 * fa\u00df.de into fass.de, which is a stranger's. Letters and their properties are those of the
 * JDK's Unicode.
 */
final class DomainName {
  private static final int MAX = 253;
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

  /** At least one dot, and a last label that is no number: no local host name, no IP address. */
  private static final Pattern ASCII =
      Pattern.compile("(?:" + LABEL + "\\.)++(?![0-9]++$)" + LABEL);

  /** Invisible, and not part of a name: UTS 46 drops them, and so did IDNA 2003. */
  private static final Pattern DROPPED = Pattern.compile("[\u00ad\u200b\u2060\ufeff\ufe00-\ufe0f]");

  /** Signs that take the vowel from a letter of an Indic script (combining class 9). */
  private static final String VIRAMA =
      "["
          + "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0e3a"
          + "\u0eba\u0f84\u1039\u103a\u1714\u1715\u1734\u17d2\u1a60\u1b44\u1baa\u1bab"
          + "\u1bf2\u1bf3\u2d7f\ua806\ua82c\ua8c4\ua953\ua9c0\uaaf6\uabed\\x{10a3f}"
          + "\\x{11046}\\x{11070}\\x{1107f}\\x{110b9}\\x{11133}\\x{11134}\\x{111c0}"
          + "\\x{11235}\\x{112ea}\\x{1134d}\\x{11442}\\x{114c2}\\x{115bf}\\x{1163f}"
          + "\\x{116b6}\\x{1172b}\\x{11839}\\x{1193d}\\x{1193e}\\x{119e0}\\x{11a34}"
          + "\\x{11a47}\\x{11a99}\\x{11c3f}\\x{11d44}\\x{11d45}\\x{11d97}"
          + "]";

  /**
   * Letters, marks and digits. Of all else, what RFC 5892 allows by name or between certain letters
   * (appendix A.1 to A.7): joiners, invisible elsewhere, behind a virama, and one of them between
   * Arabic letters; the dots, marks and quotes of Catalan, Greek, Hebrew and Japanese.
   */
  private static final Pattern UNICODE =
      Pattern.compile(
          "(?!\\p{M}|-|..--)(?:[\\p{Ll}\\p{Lo}\\p{Lm}\\p{M}\\p{Nd}\\p{IsCherokee}\u0f0b\u06fd\u06fe\u3007-]"
              + "|(?<=l)\u00b7(?=l)|\u0375(?=\\p{IsGreek})|(?<=\\p{IsHebrew})[\u05f3\u05f4]"
              + "|(?<=[\\p{IsHiragana}\\p{IsKatakana}\\p{IsHan}])\u30fb"
              + "|(?<="
              + VIRAMA
              + ")[\u200c\u200d]|(?<=\\p{IsArabic})\u200c(?=\\p{IsArabic}))++(?<!-)");

  /** Letters and marks that RFC 5892 refuses all the same: fillers, old jamo, lengthened lines. */
  private static final Pattern REFUSED =
      Pattern.compile(
          "[\\p{Me}\u0345\u034f\u0640\u07fa\u1100-\u11ff\u17b4\u17b5\u180b-\u180f\u302e\u302f\u3031-\u3035\u303b"
              + "\ua960-\ua97f\ud7b0-\ud7ff\\x{e0100}-\\x{e01ef}]");

  private DomainName() {}

  /** In lower case and punycode, with a dot; at most 253 bytes. Empty if it is no domain. */
  static Optional<String> toAscii(String raw) {
    List<String> labels = new ArrayList<>();
    for (String label : mapped(raw).split("\\.", -1)) {
      boolean ascii = label.chars().allMatch(c -> c < 0x80);
      if (!ascii
          && !(UNICODE.matcher(label).matches()
              && !REFUSED.matcher(label).find()
              && oneDirection(label))) {
        return Optional.empty();
      }
      labels.add(ascii ? label : "xn--" + Punycode.encode(label.codePoints().toArray()));
    }
    return Optional.of(String.join(".", labels))
        .filter(all -> all.length() <= MAX && ASCII.matcher(all).matches());
  }

  /** Wide, composed and other forms of a letter become one; all in lower case. */
  private static String mapped(String raw) {
    if (raw.chars().allMatch(c -> c < 0x80)) {
      return raw.toLowerCase(Locale.ROOT); // as below, without its cost
    }
    String decomposed =
        Normalizer.normalize(DROPPED.matcher(raw).replaceAll(""), Normalizer.Form.NFKD);
    StringBuilder lower = new StringBuilder();
    decomposed.codePoints().map(DomainName::lower).forEach(lower::appendCodePoint);
    return Normalizer.normalize(lower, Normalizer.Form.NFKC).replace('\u3002', '.');
  }

  /** Letter by letter: String.toLowerCase makes of a final sigma another letter than of others. */
  private static int lower(int c) {
    boolean cherokee = Character.UnicodeScript.of(c) == Character.UnicodeScript.CHEROKEE;
    return cherokee ? Character.toUpperCase(c) : Character.toLowerCase(c);
  }

  /** No mixture of left to right and right to left, which would be shown in another order. */
  private static boolean oneDirection(String label) {
    if (label.codePoints().noneMatch(DomainName::rightToLeft)) {
      return true;
    }
    return rightToLeft(label.codePointAt(0))
        && label
            .codePoints()
            .noneMatch(
                c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT);
  }

  private static boolean rightToLeft(int c) {
    return switch (Character.getDirectionality(c)) {
      case Character.DIRECTIONALITY_RIGHT_TO_LEFT, Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC ->
          true;
      default -> false;
    };
  }
}
