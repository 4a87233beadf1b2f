package lastcall.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
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
    if (lengths.size() + encodings.size() > 1) {
      throw refuse("more than one Content-Length or Transfer-Encoding");
    }
    if (!lengths.isEmpty() && !lengths.getFirst().matches("[0-9]{1,18}")) {
      throw refuse("Content-Length is not a number");
    }
    if (!encodings.isEmpty() && !encodings.getFirst().equals("chunked")) {
      throw refuse("the only Transfer-Encoding understood is chunked");
    }
  }

  private static RequestException refuse(String message) {
    return RequestException.builder()
        .type(DirectHandler.EventType.BAD_REQUEST)
        .setKeepAlive(false)
        .message(message)
        .build();
  }
}
