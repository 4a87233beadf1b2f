package lastcall.admin;

import java.util.function.UnaryOperator;

/**
 * Text in which e-mail addresses can't be read: {@code ada@example.org} is {@code a…@e….org}. By
 * hand, since a regular expression takes quadratic time for a long line.
 */
public final class MaskedText {
  private static final String LOCAL = "!#$%&'*+-/=?^_`~."; // { } | would be allowed, too

  private MaskedText() {}

  /** Changes nothing if the addresses are to be shown. */
  public static UnaryOperator<String> unless(boolean shown) {
    return shown ? UnaryOperator.identity() : MaskedText::mask;
  }

  public static String mask(String text) {
    StringBuilder masked = new StringBuilder();
    int done = 0;
    for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@', Math.max(done, at + 1))) {
      int start = at;
      while (start > done && isPart(text.charAt(start - 1), LOCAL)) {
        start--;
      }
      int end = at + 1;
      while (end < text.length() && isPart(text.charAt(end), "-.")) {
        end++;
      }
      while (text.charAt(end - 1) == '.') { // it ends a sentence
        end--;
      }
      if (start < at && end > at + 1) {
        masked.append(text, done, start).append(Addresses.mask(text.substring(start, end)));
        done = end;
      }
    }
    return masked.append(text, done, text.length()).toString();
  }

  private static boolean isPart(char c, String more) {
    return Character.isLetterOrDigit(c) || Character.isSurrogate(c) || more.indexOf(c) >= 0;
  }
}
