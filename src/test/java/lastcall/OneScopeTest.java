package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each block of Java that docs/one-scope.md quotes is, line by line, in the file it names. */
final class OneScopeTest {
  private static final Path DOC = Path.of("docs/one-scope.md");
  private static final Pattern QUOTE = Pattern.compile("(?ms)^```java (\\S+)\\n(.*?)^```$");

  @Test
  void whatIsQuotedExists() throws Exception {
    String text = Files.readString(DOC);
    List<MatchResult> quotes = QUOTE.matcher(text).results().toList();
    assertEquals(text.lines().filter(line -> line.startsWith("```java")).count(), quotes.size());
    for (MatchResult quote : quotes) {
      String java = Files.readString(DOC.resolveSibling(quote.group(1)));
      assertTrue(java.contains(quote.group(2)), () -> quote.group(2) + "in " + quote.group(1));
    }
  }

  @Test
  void aReaderWithLittleTimeReadsItToTheEnd() throws Exception {
    assertTrue(Files.readAllLines(DOC).size() <= 150);
  }
}
