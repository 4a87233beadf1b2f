package lastcall.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.util.List;

/**
 * Refuses a request whose length can be read in two ways. Helidon takes the first of two
 * Content-Length headers, a negative one, and any Transfer-Encoding but {@code chunked} as no body
 * at all, so that the body would become the next request of the connection.
 */
final class RequestFraming implements Http1ConnectionListener {
  @Override
  public void headers(ConnectionContext context, Headers headers) {
    List<String> lengths = headers.all(HeaderNames.CONTENT_LENGTH, List::of);
    List<String> encodings = headers.all(HeaderNames.TRANSFER_ENCODING, List::of);
    if (lengths.size() + encodings.size() > 1
        || !lengths.stream().allMatch(length -> length.matches("[0-9]{1,18}"))
        || !encodings.stream().allMatch("chunked"::equals)) {
      throw refuse(
          Status.BAD_REQUEST_400,
          "send one Content-Length, or Transfer-Encoding: chunked, and nothing else");
    }
  }

  /** The answer, after which the connection is closed: where the next request begins is unknown. */
  static RequestException refuse(Status status, String message) {
    return RequestException.builder()
        .type(DirectHandler.EventType.BAD_REQUEST)
        .status(status)
        .setKeepAlive(false)
        .message(message)
        .build();
  }
}
