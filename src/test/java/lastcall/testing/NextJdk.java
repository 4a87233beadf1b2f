package lastcall.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/**
 * A JDK that does not exist yet, made of the one that runs this: a copy in which a preview API is
 * none. An annotation in the API's class files tells javac that they are preview. In the copy the
 * attribute with that annotation has another name, and javac ignores attributes it does not know.
 *
 * <pre>java src/test/java/lastcall/testing/NextJdk.java COPY PACKAGE CLASS</pre>
 */
final class NextJdk {
  private static final String PREVIEW = "Ljdk/internal/javac/PreviewFeature;";
  private static final String ATTRIBUTE = "RuntimeInvisibleAnnotations";
  private static final String UNKNOWN = "RuntimeInvisibleAnnotation_";

  private NextJdk() {}

  public static void main(String[] args) throws Exception {
    Path copy = Path.of(args[0]);
    String home = System.getProperty("java.home");
    if (new ProcessBuilder("cp", "-aL", home, "" + copy).inheritIO().start().waitFor() != 0) {
      throw new IOException("can't copy " + home + " to " + copy);
    }
    Path modules = copy.resolve("lib/modules");
    String image = Files.readString(modules, ISO_8859_1); // a file of bytes, in which to search
    Path directory = Path.of(URI.create("jrt:/java.base/" + args[1].replace('.', '/')));
    FileTime written = Files.getLastModifiedTime(modules);
    int changed = 0;
    try (Stream<Path> files = Files.list(directory);
        var out = new RandomAccessFile(modules.toFile(), "rw")) {
      String names = ".*/" + args[2] + "(\\$.*)?\\.class";
      for (Path file : files.filter(f -> f.toString().matches(names)).toList()) {
        String bytes = Files.readString(file, ISO_8859_1);
        if (bytes.contains(PREVIEW)) {
          out.seek(image.indexOf(bytes) + (long) bytes.indexOf(ATTRIBUTE));
          out.writeBytes(UNKNOWN);
          changed++;
        }
      }
    }
    // The JDK's own archive of classes is for this file at this time, and starts are slow without.
    Files.setLastModifiedTime(modules, written);
    if (changed == 0) {
      throw new IOException(String.join(".", List.of(args).subList(1, 3)) + " is no preview API");
    }
  }
}
