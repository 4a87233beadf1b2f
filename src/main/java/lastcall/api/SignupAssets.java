package lastcall.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The style, the script and the icon of the sign-up page. Their path holds a checksum of them, so
 * that browsers keep them for a year and yet get the new ones with a new version.
 */
final class SignupAssets {
  static final String ROUTE = "/assets/{version}/{name}";

  private static final Map<String, String> TYPES =
      Map.of(
          "sign-up.css", "text/css; charset=utf-8",
          "sign-up.js", "text/javascript; charset=utf-8",
          "sign-up.svg", "image/svg+xml");

  private final Map<String, byte[]> files = new HashMap<>();
  private final String version;

  SignupAssets() {
    CRC32 checksum = new CRC32();
    for (String name : TYPES.keySet().stream().sorted().toList()) {
      files.put(name, read(name));
      checksum.update(files.get(name));
    }
    version = Long.toHexString(checksum.getValue());
  }

  /** Where they are. */
  String path() {
    return "/assets/" + version;
  }

  void handle(ServerRequest request, ServerResponse response) {
    String name = request.path().pathParameters().get("name");
    byte[] file = files.get(name);
    if (file == null) {
      response.next();
      return;
    }
    // While one version replaces another behind a balancer, a page of the other one may ask here.
    boolean ours = request.path().pathParameters().get("version").equals(version);
    response.header(
        HeaderNames.CACHE_CONTROL, ours ? "public, max-age=31536000, immutable" : "no-cache");
    response.header(HeaderNames.CONTENT_TYPE, TYPES.get(name));
    response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
    response.send(file);
  }

  /** A file beside this class. */
  static byte[] read(String name) {
    try (InputStream in = SignupAssets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("missing in the jar: " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
