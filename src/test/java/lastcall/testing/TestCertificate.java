package lastcall.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for localhost, and not for 127.0.0.1, made by the JDK that runs the
 * test.
 */
public final class TestCertificate {
  public static final String PASSWORD = "password";
  private final Path file;
  private final SSLContext context;

  /**
   * @param file the PKCS12 file to make; usable as {@code javax.net.ssl.trustStore} as well
   */
  public TestCertificate(Path file) throws IOException, InterruptedException {
    this.file = file;
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process process =
        new ProcessBuilder(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "test",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError("keytool made no certificate");
    }
    try {
      context = load();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("keytool's certificate is unusable", e);
    }
  }

  private SSLContext load() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext result = SSLContext.getInstance("TLS");
    result.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return result;
  }

  /** Serves with the certificate, and trusts it. */
  public SSLContext context() {
    return context;
  }

  public Path file() {
    return file;
  }
}
