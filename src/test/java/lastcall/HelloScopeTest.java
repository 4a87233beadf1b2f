package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/HelloScope.java, run from its source as its comment says. */
final class HelloScopeTest {
  @Test
  void fiveSayHelloAndMainIsLast(@TempDir Path directory) throws Exception {
    int jdk = Runtime.version().feature();
    assumeTrue(jdk >= 25, "its API came with JDK 25, this is " + jdk);
    Path said = directory.resolve("said");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process hello =
        new ProcessBuilder(java, "--enable-preview", "--source", "" + jdk, "docs/HelloScope.java")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    boolean ended = hello.waitFor(60, TimeUnit.SECONDS);
    hello.destroyForcibly();
    assertTrue(ended, () -> "does not end: " + hello.pid());
    List<String> lines =
        Files.readAllLines(said).stream().filter(line -> !line.startsWith("Note: ")).toList();
    assertEquals(0, hello.exitValue(), lines::toString);
    assertEquals("main: all five have said hello", lines.getLast());
    // Whoever is first is free.
    assertEquals(
        IntStream.rangeClosed(1, 5).mapToObj(i -> "hello from task " + i).toList(),
        lines.subList(0, lines.size() - 1).stream().sorted().toList());
  }
}
