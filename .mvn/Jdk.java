import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * Run by the build with the JDK it has selected: tells the POM which one that is, and throws away
 * what another JDK has compiled. Class files that use preview API run on exactly one release, so
 * what was left would break the build.
 *
 * <p>Arguments: the build directory, where it writes jdk.properties for the POM, and the kind of
 * build (plain or lint), a change of which starts over too.
 */
final class Jdk {
  public static void main(String[] args) throws IOException {
    Path target = Path.of(args[0]);
    Path stamp = target.resolve("jdk.properties");
    int release = Runtime.version().feature();
    String properties =
        """
        jdk.release=%d
        jdk.sources=%s
        jdk.version=%s
        jdk.home=%s
        jdk.cache.make=%s
        jdk.cache.use=%s
        jdk.cache.log=%s
        build.kind=%s
        """
            .formatted(
                release,
                release < 25 ? "java21" : "java25",
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
    // Last, so that a build broken off before this line starts over.
    Files.createDirectories(target);
    Files.writeString(stamp, properties);
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
