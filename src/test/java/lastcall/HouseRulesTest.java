package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lastcall.testing.SourceFile;
import org.junit.jupiter.api.Test;

/**
 * What a reader may rely on without looking: sizes, arrows between packages, and lists kept true.
 */
final class HouseRulesTest {
  private static final Path README = Path.of("README.md");

  /** One is compiled for JDK 21 to 24, the other for later ones; a reader reads one of them. */
  private static final List<String> VARIANTS = List.of("src/main/java21/", "src/main/java25/");

  private static final Set<String> CORE =
      Set.of("signup", "store", "outbox", "background", "shutdown");

  /** What people look at and play with. The service goes on without it. */
  private static final Set<String> OPERATORS = Set.of("admin", "catcher", "jfr", "management");

  /** Packages that a reader copies as they are. */
  private static final Set<String> COPIED = Set.of("background", "shutdown");

  /** Who may know whom, besides config and log, which everybody but COPIED may use. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "admin", Set.of("store"),
          "api", Set.of("http", "signup"),
          "jfr", Set.of("mail", "outbox", "shutdown", "store"),
          "mail", Set.of("kinds"),
          // What it shows, it reads. Nobody but App knows it.
          "management",
              Set.of("admin", "catcher", "http", "mail", "outbox", "shutdown", "signup", "store"),
          "signup", Set.of("store"),
          "store", Set.of("kinds"),
          "outbox", Set.of("background", "mail", "store"));

  private final List<SourceFile> sources = SourceFile.below(Path.of("src"));

  @Test
  void classesAreShort() {
    assertEquals(
        List.of(),
        sources.stream().filter(s -> s.lines() > 200).map(s -> s + " " + s.lines()).toList());
  }

  /** In lines of code; see docs/decisions/0007-size.md. */
  @Test
  void budgetsHold() {
    assertWithin(2_790, "core path", linesOfService(s -> CORE.contains(s.lastcallPackage())));
    assertWithin(250, "background", linesOfService(s -> s.lastcallPackage().equals("background")));
    assertWithin(9_230, "service", linesOfService(s -> !OPERATORS.contains(s.lastcallPackage())));
    assertWithin(42_700, "all", sources.stream().mapToInt(SourceFile::lines).sum());
  }

  @Test
  void arrowsPointOneWay() {
    List<String> wrong = new ArrayList<>();
    for (SourceFile source : main()) {
      String from = source.lastcallPackage();
      if (from.isEmpty()) { // App knows all, but only Commands the drill, and nobody the lab
        boolean commands = source.path().endsWith("/Commands.java");
        source.find("\\blastcall\\.(drill|lab)\\.").stream()
            .filter(use -> !commands || use.group(1).equals("lab"))
            .forEach(use -> wrong.add(source.path() + " -> " + use.group(1)));
        continue;
      }
      for (MatchResult use : source.find("\\blastcall\\.([a-z]+)\\.(\\w+)")) {
        String to = use.group(1);
        // A moment, by which all who wait bound their waiting.
        boolean deadline = use.group(2).equals("Deadline") && !from.equals("background");
        boolean shared = Set.of("config", "log").contains(to) && !COPIED.contains(from) || deadline;
        boolean allowed = shared || ARROWS.getOrDefault(from, Set.of()).contains(to);
        if (!to.equals(from) && !allowed) {
          wrong.add(source.path() + " -> " + to);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void whatIsCopiedNeedsOnlyJava() {
    List<String> wrong = new ArrayList<>();
    for (SourceFile source : main()) {
      if (!COPIED.contains(source.lastcallPackage())) {
        continue;
      }
      boolean signals = source.path().endsWith("shutdown/TerminationSignals.java");
      for (MatchResult use : source.find("(?m)^import (?:static )?([\\w.]+)")) {
        String name = use.group(1);
        boolean allowed =
            name.startsWith("java.")
                || name.startsWith("org.jspecify.annotations.")
                || name.startsWith("lastcall." + source.lastcallPackage() + ".")
                || (signals && name.startsWith("sun.misc.Signal"));
        if (!allowed) {
          wrong.add(source.path() + " imports " + name);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void previewApiIsInOnePlace() {
    assertNone("Structured" + "TaskScope", s -> VARIANTS.stream().noneMatch(s::isIn));
  }

  @Test
  void testsWaitOnConditionsOnly() {
    assertNone("\\.sleep" + "\\(", s -> s.isIn("src/test/") || s.isIn("src/browser/"));
  }

  /** In some locales {@code %d} of 8 is another digit, and what was written so is not read back. */
  @Test
  void formatsNameTheirLocale() {
    Predicate<SourceFile> shipped = s -> s.isIn("src/main/") || s.isIn("src/drill/");
    assertNone("\\.formatted\\(", shipped);
    assertNone("\\b(String\\.format|printf)\\((?!\\s*Locale\\.ROOT)", shipped);
    assertNone("\\.to(Lower|Upper)Case\\(\\)", shipped);
    assertNone("\\b(Message|Number|Decimal|SimpleDate)Format\\b", shipped);
  }

  /** What else stands behind the first field would be lost. */
  @Test
  void logLinesAreATextAndThenFields() {
    Predicate<SourceFile> shipped =
        s -> s.isIn("src/") && !s.isIn("src/test/") && !s.path().endsWith("/EventLog.java");
    assertNone("=%s[^ \"]", shipped);
    assertNone("=%s[^\"\\n]* \\w+(?!=%s|\\w)", shipped);
  }

  @Test
  void everyPromiseIsProven() throws IOException {
    Set<String> promised = new TreeSet<>();
    Pattern row = Pattern.compile("(?m)^\\| *(P\\d+) *\\|");
    row.matcher(Files.readString(README)).results().forEach(r -> promised.add(r.group(1)));
    Set<String> proven = new TreeSet<>();
    for (SourceFile source : sources) {
      for (String proof : source.testsThatAssert("@" + "Proves\\(([^)]*)\\)")) {
        Pattern.compile("\"(.*?)\"").matcher(proof).results().forEach(r -> proven.add(r.group(1)));
      }
    }
    assertFalse(promised.isEmpty(), "README.md has no table with rows | P1 | ...");
    assertEquals(promised, proven, "promised in README.md, and proven by tests");
  }

  @Test
  void aTestThatAssertsNothingProvesNothing() {
    String code =
        """
        @Proves("P1") @Test void empty() {}
        @Test @Proves("P2") void asserts() { for (;;) { assertEquals(1, one()); } }
        @Proves("P3") void noTest() { assertTrue(true); }
        @ParameterizedTest @CsvSource({"a", "b"}) @Proves("P4") void byAHelper() { drill(); }
        private void drill() { assertTrue(true); }
        @Test @Proves("P5") void helpsItself() { talk(); }
        private void talk() { System.out.println(); }
        """;
    assertEquals(
        List.of("\"P2\"", "\"P4\""),
        new SourceFile("Some.java", 1, code).testsThatAssert("@" + "Proves\\(([^)]*)\\)"));
  }

  @Test
  void readmeCountsTheCore() throws IOException {
    Pattern row = Pattern.compile("\\]\\((src/main/java[^)]+)\\) *\\| *(\\d+) *\\|");
    List<MatchResult> rows = row.matcher(Files.readString(README)).results().toList();
    assertFalse(rows.isEmpty(), "README.md has no rows | [Name](src/main/java/...) | lines |");
    List<String> wrong = new ArrayList<>();
    for (MatchResult listed : rows) {
      int lines = Files.readAllLines(Path.of(listed.group(1))).size();
      if (lines != Integer.parseInt(listed.group(2))) {
        wrong.add(listed.group(1) + " has " + lines + " lines, not " + listed.group(2));
      }
    }
    assertEquals(List.of(), wrong);
  }

  private List<SourceFile> main() {
    return sources.stream().filter(s -> s.isIn("src/main/")).toList();
  }

  /** Lines in src/main/java, with the longer of the two variants. */
  private int linesOfService(Predicate<SourceFile> which) {
    int longer = VARIANTS.stream().mapToInt(v -> lines(v, which)).max().orElseThrow();
    return lines("src/main/java/", which) + longer;
  }

  private int lines(String under, Predicate<SourceFile> which) {
    Predicate<SourceFile> chosen = which.and(s -> s.isIn(under));
    return sources.stream().filter(chosen).mapToInt(SourceFile::lines).sum();
  }

  private static void assertWithin(int budget, String what, int lines) {
    assertTrue(lines <= budget, () -> what + ": " + lines + " lines of " + budget);
  }

  private void assertNone(String regex, Predicate<SourceFile> where) {
    assertEquals(
        List.of(),
        sources.stream().filter(where).filter(s -> !s.find(regex).isEmpty()).toList(),
        regex);
  }
}
