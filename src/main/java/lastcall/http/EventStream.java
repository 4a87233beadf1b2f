package lastcall.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events (HTML standard, 9.2), on the request's own thread. The client has
 * limits.response-timeout to take each event; one that does not loses its connection.
 */
public final class EventStream implements AutoCloseable {
  private final TimedConnection connection;
  private final OutputStream out;

  public EventStream(ServerRequest request, ServerResponse response) {
    connection = TimedConnection.of(request);
    response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=UTF-8");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    out = response.outputStream();
  }

  /**
   * Call it more often than limits.response-timeout.
   *
   * @param data one line, such as JSON
   * @throws IOException when the client has gone, or took too long
   */
  public void send(String event, String data) throws IOException {
    connection.goesOn();
    out.write(("event: " + event + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
