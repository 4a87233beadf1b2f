package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import lastcall.drill.ServiceProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/copying.md, done as it says in an empty directory, with the JDK that runs the tests. */
final class CopyingTest {
  private static final Path PAGE = Path.of("docs/copying.md");

  @TempDir Path project;

  private static List<String> blocks(String language) throws Exception {
    Pattern block = Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$");
    return block.matcher(Files.readString(PAGE)).results().map(b -> b.group(1)).toList();
  }

  /** As a reader's shell, in the project, with the two variables and the JDK. */
  private Process start(String script) throws Exception {
    ProcessBuilder shell = new ProcessBuilder("sh", "-e", "-c", script);
    String bin = Path.of(System.getProperty("java.home"), "bin").toString();
    shell.environment().put("PATH", bin + ":" + System.getenv("PATH"));
    shell.environment().put("LASTCALL", Path.of("").toAbsolutePath().toString());
    shell.environment().put("JDK", "" + Runtime.version().feature());
    shell.environment().remove("CLASSPATH"); // surefire's, with all of Lastcall
    Process process = shell.directory(project.toFile()).redirectErrorStream(true).start();
    process.onExit().orTimeout(2, TimeUnit.MINUTES).exceptionally(e -> process.destroyForcibly());
    return process;
  }

  private void run(String script) throws Exception {
    Process process = start(script);
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), () -> script + said);
  }

  @Test
  void anEmptyProjectIsBuiltFromThePage() throws Exception {
    List<String> scripts = blocks("sh");
    assertEquals(3, scripts.size(), "copy, compile, run");
    run(scripts.get(0));
    Files.writeString(project.resolve("src/main/java/Hello.java"), blocks("java").getFirst());
    run(scripts.get(1));
    Process hello = start("exec " + scripts.get(2));
    try (var out = hello.inputReader()) {
      List<String> said = new ArrayList<>();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        if (line.equals("Ctrl-C or TERM stops it")) {
          hello.toHandle().destroy(); // TERM; Process.destroy would close its output, too
        }
      }
      assertTrue(hello.waitFor(ServiceProcess.GUARD.toSeconds(), TimeUnit.SECONDS), said::toString);
      assertTrue(
          said.containsAll(List.of("stopping after TERM", "Ada is written to")), said::toString);
      assertEquals(0, hello.exitValue(), said::toString);
    } finally {
      hello.destroyForcibly();
    }
  }

  /** The table is read by people, and the list in the script by the shell. */
  @Test
  void theTableListsWhatTheScriptCopies() throws Exception {
    Pattern row = Pattern.compile("(?m)^\\| `(\\w+\\.java)` \\|");
    Pattern copied = Pattern.compile("lastcall/\\w+/(\\w+\\.java)");
    assertEquals(names(copied, blocks("sh").getFirst()), names(row, Files.readString(PAGE)));
  }

  private static List<String> names(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult m) -> m.group(1)).toList();
  }

  /**
   * Maven is not run here; but its lines are those that build Lastcall, where the compiler was
   * asked whether --enable-preview is needed.
   */
  @Test
  void theMavenLinesAreOurs() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    Pattern line = Pattern.compile("<(?:artifactId|version|arg|argument)>[^<]+<");
    for (MatchResult ours : line.matcher(blocks("xml").getFirst()).results().toList()) {
      boolean own = ours.group().matches("<.*>(--enable-preview|Hello)<");
      assertTrue(pom.contains(ours.group()) || own, ours::group);
    }
  }
}
