package lastcall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What .mvn/Jdk.java tells the POM of the JDK that runs the tests. The whole build on a JDK without
 * preview is src/test/sh/next-jdk.
 */
final class JdkTest {
  @TempDir Path directory;

  @Test
  void anApiThatJavacTakesNeedsNoPreview() throws Exception {
    assertEquals("", ask("java.util.concurrent.ExecutorService"));
    assertEquals("\n", Files.readString(directory.resolve("target/java.options")));
  }

  @Test
  void theScopeIsPreviewWhereJavacRefusesIt() throws Exception {
    Path source = Path.of("docs/HelloScope.java");
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                InputStream.nullInputStream(),
                new ByteArrayOutputStream(),
                new ByteArrayOutputStream(),
                "-d",
                directory.toString(),
                source.toString());
    String preview = status == 0 ? "" : "--enable-preview";
    assertEquals(preview, ask("java.util.concurrent.Structured" + "TaskScope"));
    assertEquals(preview + "\n", Files.readString(directory.resolve("target/java.options")));
  }

  /** A class of another JDK's build must not be left, and one of this build must stay. */
  @Test
  void anotherAnswerStartsOver() throws Exception {
    ask("java.util.List");
    Path left = Files.createDirectories(directory.resolve("target/classes")).resolve("A.class");
    Files.createFile(left);
    ask("java.util.Map");
    assertTrue(Files.exists(left), "the same answer");
    ask("java.util.NoSuchList"); // refused, and so like a preview
    assertFalse(Files.exists(left), "another answer");
  }

  /** The property that the POM reads. */
  private String ask(String api) throws Exception {
    Path target = directory.resolve("target");
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(java + "", ".mvn/Jdk.java", target + "", "plain", api)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), said);
    Properties told = new Properties();
    try (InputStream in = Files.newInputStream(target.resolve("jdk.properties"))) {
      told.load(in);
    }
    assertEquals("" + Runtime.version().feature(), told.getProperty("jdk.release"));
    return told.getProperty("jdk.preview");
  }
}
