package lastcall.catcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds e-mails in a mailbox that may belong to a service which runs. */
public final class MailTraces {
  private MailTraces() {}

  /**
   * The files whose headers name one of the recipients; those that were not finished, too.
   *
   * @param addresses in lower case
   */
  public static List<Path> of(Path mailbox, Set<String> addresses) throws IOException {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(mailbox)) {
      return found;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(mailbox, Files::isRegularFile)) {
      for (Path file : files) {
        if (MailHead.recipients(begin(file)).stream().anyMatch(addresses::contains)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  private static byte[] begin(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MailHead.BYTES);
    } catch (NoSuchFileException e) {
      return new byte[0]; // deleted meanwhile
    }
  }
}
