package lastcall.config;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the name that was meant by a misspelt one. */
final class Spelling {
  private Spelling() {}

  /**
   * @param most a name that takes more mistakes than this to be written so is not meant
   * @return the name that takes the fewest mistakes, or null
   */
  static @Nullable String meant(String written, Collection<String> names, int most) {
    String best = null;
    int fewest = most + 1;
    for (String name : names) {
      int mistakes = shortened(written, name) ? 1 : mistakes(written, name);
      if (mistakes < fewest) {
        fewest = mistakes;
        best = name;
      }
    }
    return best;
  }

  /** True for smtp.user in place of smtp.username, and for smtp.hostname in place of smtp.host. */
  private static boolean shortened(String a, String b) {
    String longer = a.length() > b.length() ? a : b;
    String shorter = longer.equals(a) ? b : a;
    return longer.startsWith(shorter)
        && longer.substring(shorter.length()).chars().allMatch(Character::isLetter);
  }

  /** Letters that are missing, added, replaced, or swapped with their neighbour. */
  static int mistakes(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1]; // of the first i and j letters
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2);
        if (swapped && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
