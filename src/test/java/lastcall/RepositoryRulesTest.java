package lastcall;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What holds for the files that are no source code, too. */
final class RepositoryRulesTest {
  private static final Path README = Path.of("README.md");

  @Test
  void linksLeadToFiles() throws IOException {
    Pattern link = Pattern.compile("\\]\\(([^)#:\\s]+)(?:#[^)]*)?\\)");
    List<String> dead = new ArrayList<>();
    try (Stream<Path> docs = Files.walk(Path.of("docs"));
        Stream<Path> github = Files.walk(Path.of(".github"))) {
      List<Path> pages =
          Stream.of(Stream.of(README), docs, github).flatMap(Function.identity()).toList();
      for (Path page : pages.stream().filter(p -> p.toString().endsWith(".md")).toList()) {
        for (MatchResult found : link.matcher(Files.readString(page)).results().toList()) {
          Path from = page.toAbsolutePath().getParent();
          if (from == null || !Files.exists(from.resolve(found.group(1)))) {
            dead.add(page + " -> " + found.group(1));
          }
        }
      }
    }
    assertEquals(List.of(), dead);
  }

  /** A threat with a test that nobody has written is one that nobody looks at. */
  @Test
  void theTestsOfSecurityExist() throws IOException {
    Set<String> classes = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src"))) {
      sources
          .map(file -> file.toFile().getName())
          .filter(name -> name.endsWith("Test.java"))
          .forEach(name -> classes.add(name.replace(".java", "")));
    }
    String page = Files.readString(Path.of("docs/security.md"));
    List<String> named =
        Pattern.compile("\\b\\w+Test\\b").matcher(page).results().map(MatchResult::group).toList();
    assertEquals(List.of(), named.stream().filter(name -> !classes.contains(name)).toList());
    assertNotEquals(List.of(), named);
  }

  @Test
  void noPackageRegistryIsNamed() throws IOException {
    Pattern hosts =
        Pattern.compile(
            "(repo1?|search|central)[.](maven|sonatype)|(deb|ftp|snapshot)[.]debian"
                + "|registry[.](npm|yarn)|npmjs[.](com|org)");
    Set<String> skipped = Set.of("target", ".git", "data");
    List<String> wrong = new ArrayList<>();
    try (Stream<Path> tops = Files.list(Path.of(""))) {
      for (Path top : tops.filter(p -> !skipped.contains(p.toString())).toList()) {
        try (Stream<Path> files = Files.walk(top)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            // Latin-1 reads any file, images too.
            if (hosts.matcher(new String(Files.readAllBytes(file), ISO_8859_1)).find()) {
              wrong.add(file.toString());
            }
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }
}
