package lastcall.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Java source file as the house rules see it.
 *
 * @param path with slashes, from the project's root
 * @param lines of code: without comments, blank lines, package and imports
 * @param code the text without comments; what stands behind {@code //} in a string is lost too
 */
public record SourceFile(String path, int lines, String code) {
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");
  private static final Pattern NO_CODE = Pattern.compile("\\s*|(package|import) .*");
  private static final Pattern PACKAGE = Pattern.compile("(?m)^package lastcall\\.?(\\w*)");

  /** All Java files below a directory, by path. */
  public static List<SourceFile> below(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(f -> f.toString().endsWith(".java"))
          .sorted()
          .map(SourceFile::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SourceFile read(Path file) {
    try {
      String text = Files.readString(file);
      String code = COMMENT.matcher(text).replaceAll("");
      long lines = code.lines().filter(line -> !NO_CODE.matcher(line).matches()).count();
      return new SourceFile(file.toString().replace('\\', '/'), (int) lines, code);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The package below lastcall, empty for lastcall itself. */
  public String lastcallPackage() {
    return find(PACKAGE.pattern()).stream().findFirst().map(found -> found.group(1)).orElse("");
  }

  public List<MatchResult> find(String regex) {
    return Pattern.compile(regex).matcher(code).results().toList();
  }

  /**
   * The first group of every match of {@code annotation} that stands on a test which asserts
   * something, itself or in a method of this file that it calls.
   */
  public List<String> testsThatAssert(String annotation) {
    String annotations = "(?:@\\w+(?:\\([^)]*\\))?\\s+)*";
    List<String> found = new ArrayList<>();
    for (MatchResult method :
        find("(" + annotations + ")" + annotation + "\\s+(" + annotations + ")[\\w ]*void \\w+\\(")) {
      String others = method.group(1) + method.group(3);
      String body = block(method.end());
      boolean asserts =
          asserts(body)
              || Pattern.compile("\\b(\\w+)\\(")
                  .matcher(body)
                  .results()
                  .flatMap(call -> find("[\\w>\\]] " + call.group(1) + "\\(").stream())
                  .anyMatch(helper -> asserts(block(helper.end())));
      if (others.matches("(?s).*@(Parameterized|Repeated)?Test\\b.*") && asserts) {
        found.add(method.group(2));
      }
    }
    return found;
  }

  private static boolean asserts(String body) {
    return Pattern.compile("\\bassert\\w+\\(|Fastest\\.within\\(").matcher(body).find();
  }

  /** From the next brace that opens to the one that closes it. */
  private String block(int from) {
    int begin = code.indexOf('{', from);
    int end = begin;
    for (int depth = 0; end >= 0 && end < code.length(); end++) {
      depth += code.charAt(end) == '{' ? 1 : code.charAt(end) == '}' ? -1 : 0;
      if (depth == 0) {
        break;
      }
    }
    return begin < 0 ? "" : code.substring(begin, end);
  }

  public boolean isIn(String directory) {
    return path.startsWith(directory);
  }

  @Override
  public String toString() {
    return path;
  }
}
