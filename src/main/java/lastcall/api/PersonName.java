package lastcall.api;

import java.util.Optional;

/**
 * Which names are accepted. The welcome e-mail greets with the name, and its reader may be a
 * stranger to whoever typed it: so it must not carry an advertisement.
 */
final class PersonName {
  private static final int MAX = 100;
  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  /** Letters and symbols that show nothing: fillers, blanks, a note without head. */
  private static final String INVISIBLE =
      "\u115f\u1160\u2800\u3164\uffa0\ufffc\ud80d\udc41\ud80d\udc42\ud834\udd59";

  private PersonName() {}

  /**
   * @return what is wrong with it, for the client; it does not repeat the name
   */
  static Optional<String> wrong(String name) {
    if (name.codePointCount(0, name.length()) > MAX) {
      return Optional.of("must not have more than " + MAX + " characters");
    }
    if (name.codePoints().anyMatch(PersonName::forbidden)) {
      return Optional.of("must not contain control, direction or other invisible characters");
    }
    if (name.codePoints().noneMatch(PersonName::visible)) {
      return Optional.of("must not be blank");
    }
    return Links.foundIn(name)
        ? Optional.of(
            "must not hold a web address or an e-mail address; if it holds none, put a space"
                + " behind each dot")
        : Optional.empty();
  }

  // Joiners are part of names in several scripts and of many emoji. Unassigned code points may be
  // letters of a later Unicode than this JDK's, so of these only the non-characters are refused.
  private static boolean forbidden(int c) {
    return switch (Character.getType(c)) {
      case Character.FORMAT -> c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER;
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    };
  }

  /** True if it shows something by itself, with the fonts that people have. */
  private static boolean visible(int c) {
    return switch (Character.getType(c)) {
      case Character.SPACE_SEPARATOR,
          Character.FORMAT,
          Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> INVISIBLE.indexOf(c) < 0;
    };
  }
}
