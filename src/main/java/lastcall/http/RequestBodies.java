package lastcall.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;

/** Reads the bodies of requests whole: they are small. */
public final class RequestBodies {
  private final RequestTimeouts timeouts;

  RequestBodies(RequestTimeouts timeouts) {
    this.timeouts = timeouts;
  }

  /**
   * Call it on the request's thread. When it returns, limits.request-timeout no longer runs: from
   * then on it is our time.
   *
   * @return at most limits.max-body: the server's own limit answers 413 before it takes more
   */
  public byte[] read(ServerRequest request) {
    byte[] body = request.content().hasEntity() ? readAll(request) : new byte[0];
    timeouts.received();
    return body;
  }

  private static byte[] readAll(ServerRequest request) {
    try {
      return request.content().inputStream().readAllBytes();
    } catch (CloseConnectionException e) {
      throw e; // The client has gone.
    } catch (IOException | DataReader.InsufficientDataAvailableException e) {
      throw new CloseConnectionException("the rest of the body did not come", e);
    } catch (RuntimeException e) {
      // Too large, or chunks that can't be told apart. Helidon would look for the end of the body,
      // up to the time limit, or take it for a failure of ours.
      Status status = e instanceof RequestException known ? known.status() : Status.BAD_REQUEST_400;
      throw RequestException.builder()
          .type(DirectHandler.EventType.BAD_REQUEST)
          .status(status)
          .setKeepAlive(false)
          .message("the chunks of the body are broken")
          .build();
    }
  }
}
