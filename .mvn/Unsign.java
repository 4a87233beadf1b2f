import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes the signature out of our copy of a jar. Java would verify it at every start, for the first
 * class, and takes no class of a signed jar into its cache. The signature is for security
 * providers, which we don't use this jar as; Maven has checked what it downloaded.
 *
 * <p>Arguments: a directory, and how the name of the jar begins.
 */
final class Unsign {
  public static void main(String[] args) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      for (Path jar : files.filter(f -> f.getFileName().toString().startsWith(args[1])).toList()) {
        unsign(jar);
      }
    }
  }

  private static void unsign(Path jar) throws IOException {
    try (FileSystem zip = FileSystems.newFileSystem(jar);
        Stream<Path> files = Files.list(zip.getPath("META-INF"))) {
      List<Path> signature =
          files.filter(f -> f.toString().matches(".*\\.(SF|RSA|DSA|EC)")).toList();
      if (signature.isEmpty()) {
        return;
      }
      for (Path file : signature) {
        Files.delete(file);
      }
      // The main section only: behind it is a digest of each class.
      Path manifest = zip.getPath("META-INF/MANIFEST.MF");
      Files.writeString(manifest, Files.readString(manifest).split("\r?\n\r?\n", 2)[0] + "\n\n");
    }
  }
}
