package lastcall.http;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;

/** Tells a handler that waits for long when nobody is there any more for its answer. */
public final class ClientWatch {
  private ClientWatch() {}

  /**
   * @param gone called when the client has closed its end of the connection, and at the latest when
   *     the answer is out; the answer closes the connection, since the client's next request would
   *     be read and thrown away
   */
  public static void begin(ServerRequest request, ServerResponse response, Runnable gone) {
    response.header(HeaderValues.CONNECTION_CLOSE);
    HelidonSocket socket = TimedConnection.of(request).context.serverSocket();
    Thread.ofVirtual().name("client-watch").start(() -> watch(socket, gone));
  }

  /** Ends with the connection at the latest. */
  private static void watch(HelidonSocket socket, Runnable gone) {
    try {
      while (socket.get() != null) {} // null is the end
    } catch (UncheckedIOException e) {
      // Reset by the client, or closed by us after the answer.
    } finally {
      gone.run();
    }
  }
}
