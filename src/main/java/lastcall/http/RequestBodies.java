package lastcall.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;

/** Reads the bodies of requests. */
public final class RequestBodies {
  private RequestBodies() {}

  /**
   * Returns the whole body: at most limits.max-body, since Helidon answers 413 to a longer one.
   * From its return on, limits.request-timeout no longer runs for this request.
   */
  public static byte[] read(ServerRequest request) {
    byte[] body = request.content().hasEntity() ? readAll(request) : new byte[0];
    TimedConnection.of(request).received();
    return body;
  }

  private static byte[] readAll(ServerRequest request) {
    try {
      // As long as its head says, and one more to see the end: readAllBytes would allocate 16 KiB.
      long length = request.headers().contentLength().orElse(Integer.MAX_VALUE - 1L);
      return request.content().inputStream().readNBytes((int) length + 1);
    } catch (IOException | DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the rest of the body did not come", e);
    }
  }
}
