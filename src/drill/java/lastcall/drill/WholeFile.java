package lastcall.drill;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A report: written as a whole, or what was there stays. */
final class WholeFile {
  /** Writes what is in it. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private WholeFile() {}

  static void write(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  static void write(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path unfinished = unfinished(target);
    try {
      try (OutputStream out = Files.newOutputStream(unfinished)) {
        content.writeTo(out);
      }
      Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** Whether {@link #write} can do so, tried without touching what is there. */
  static boolean writable(Path file) {
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target) || target.getFileName() == null) {
      return false;
    }
    try {
      Files.newOutputStream(unfinished(target)).close();
      Files.delete(unfinished(target));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static Path unfinished(Path target) {
    return target.resolveSibling(target.getFileName() + ".unfinished");
  }
}
