package lastcall.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that holds one password or token, as Docker and Kubernetes mount them. */
public final class SecretFile {
  private static final int MAX = 4096;

  private SecretFile() {}

  /**
   * The secret in that environment variable, or in the file that the variable with {@code _FILE}
   * behind its name names; null if neither is set.
   */
  public static @Nullable String fromEnvironment(String variable) throws IOException {
    String secret = System.getenv(variable);
    String file = System.getenv(variable + "_FILE");
    return secret != null && !secret.isEmpty() ? secret : file == null ? null : read(Path.of(file));
  }

  /**
   * @return all that the file holds, but for one line feed at its end, which editors add
   * @throws IOException with a message that fits behind "can't read the file:"
   */
  static String read(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) { // a pipe that nobody writes never ends
      throw new IOException(Files.isDirectory(file) ? "is a directory" : "is no regular file");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX + 1);
    }
    if (bytes.length > MAX) {
      throw new IOException("it has more than " + MAX + " bytes");
    }
    String secret;
    try {
      secret = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is not text in UTF-8", e);
    }
    secret = secret.endsWith("\n") ? secret.substring(0, secret.length() - 1) : secret;
    if (secret.isEmpty()) {
      throw new IOException("it is empty");
    }
    return secret;
  }
}
