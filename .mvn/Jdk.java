import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Run by the build with the JDK it has selected: tells the POM which one that is, and throws away
 * what another JDK has compiled. Class files that use preview API run on exactly one release, so
 * what was left would break the build.
 *
 * <p>Arguments: the build directory, where it writes jdk.properties for the POM and java.options
 * for whatever starts java; the kind of build (plain or lint), a change of which starts over too;
 * and the API of which the compiler is asked whether it is a preview.
 */
final class Jdk {
  public static void main(String[] args) throws IOException {
    Path target = Path.of(args[0]);
    Path stamp = target.resolve("jdk.properties");
    int release = Runtime.version().feature();
    String preview = isFinal(args[2]) ? "" : "--enable-preview";
    String properties =
        String.format(
            Locale.ROOT,
            """
            jdk.release=%d
            jdk.sources=%s
            jdk.preview=%s
            jdk.version=%s
            jdk.home=%s
            jdk.cache.make=%s
            jdk.cache.use=%s
            jdk.cache.log=%s
            build.kind=%s
            """,
            release,
            release < 25 ? "java21" : "java25",
            preview,
            Runtime.version(),
            System.getProperty("java.home").replace("\\", "\\\\"),
            release < 25 ? "-XX:ArchiveClassesAtExit" : "-XX:AOTCacheOutput",
            release < 25 ? "-XX:SharedArchiveFile" : "-XX:AOTCache",
            release < 25 ? "cds" : "aot",
            args[1]);
    if (Files.exists(stamp) && Files.readString(stamp).equals(properties)) {
      return;
    }
    for (String stale : new String[] {"classes", "test-classes", "maven-status"}) {
      delete(target.resolve(stale));
    }
    Files.createDirectories(target);
    Files.writeString(target.resolve("java.options"), preview + "\n");
    // Last, so that a build broken off before this line starts over.
    Files.writeString(stamp, properties);
  }

  /**
   * Whether javac takes the API without --enable-preview. If javac refuses it for another reason,
   * the build goes on with --enable-preview, and its own javac says what is wrong.
   */
  private static boolean isFinal(String api) throws IOException {
    String code = "interface Probe { " + api + " use(); }";
    URI name = URI.create("string:///Probe.java");
    var source =
        new SimpleJavaFileObject(name, JavaFileObject.Kind.SOURCE) {
          @Override
          public String getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    var said = new DiagnosticCollector<JavaFileObject>();
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    ((JavacTask) javac.getTask(null, null, said, null, null, List.of(source))).analyze();
    return said.getDiagnostics().stream().noneMatch(d -> d.getKind() == Diagnostic.Kind.ERROR);
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (var paths = Files.walk(tree)) {
      for (Path path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
