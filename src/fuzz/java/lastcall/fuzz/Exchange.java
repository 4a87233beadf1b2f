package lastcall.fuzz;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a client does on one connection. Bytes are held as Latin-1.
 *
 * @param pieces into how many writes the bytes are cut
 */
record Exchange(List<Shot> shots, int pieces, End end) {
  /**
   * One request, or what only looks like one.
   *
   * @param head its answer has no body
   */
  record Shot(String bytes, boolean head) {}

  enum End {
    /** Each request waits for the answer to the one before. All are good: each is to get 202. */
    GOOD,
    /** Sends all at once and then the end, and reads until the server closes. */
    HALF_CLOSE,
    /** Sends all at once and no end: the server's time limits close it. */
    WAIT,
    /** Leaves without reading. */
    GONE
  }

  String bytes() {
    return shots.stream().map(Shot::bytes).collect(Collectors.joining());
  }

  /** As a Java string, at most the first and the last of it. */
  @Override
  public String toString() {
    return end
        + " in "
        + pieces
        + " pieces:\n"
        + shots.stream().map(shot -> escaped(shot.bytes())).collect(Collectors.joining("\n+ "));
  }

  static String escaped(String bytes) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < bytes.length(); i++) {
      if (i == 3_000 && bytes.length() > 4_000) {
        text.append("\" … " + (bytes.length() - 3_500) + " more … \"");
        i = bytes.length() - 500;
      }
      char c = bytes.charAt(i);
      switch (c) {
        case '\r' -> text.append("\\r");
        case '\n' -> text.append("\\n");
        case '"', '\\' -> text.append('\\').append(c);
        default -> text.append(c >= ' ' && c <= '~' ? "" + c : "\\%03o".formatted((int) c));
      }
    }
    return text.append('"').toString();
  }
}
