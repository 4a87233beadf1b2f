package lastcall;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each Java line that docs/from-go.md quotes is in the file that its link names. */
final class FromGoTest {
  private static final Path DOC = Path.of("docs/from-go.md");
  private static final Pattern CELL =
      Pattern.compile("(?m)^\\| `.*?` [^|]*\\| ((?:`[^`]+`(?: and )?)+) \\[\\w+]\\(([^)]+)\\) \\|");

  @Test
  void whatIsQuotedExists() throws Exception {
    String text = Files.readString(DOC);
    List<MatchResult> cells = CELL.matcher(text).results().toList();
    assertTrue(cells.size() == text.lines().filter(line -> line.startsWith("| `")).count(), "rows");
    for (MatchResult cell : cells) {
      String java = Files.readString(DOC.resolveSibling(cell.group(2)));
      for (String quoted : cell.group(1).substring(1).split("`( and `)?")) {
        assertTrue(
            java.contains(quoted.replace("\\|", "|")), () -> quoted + " in " + cell.group(2));
      }
    }
  }
}
