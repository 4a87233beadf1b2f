package lastcall.http;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Bodies of answers. */
public final class JsonBody {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonBody() {}

  public static byte[] of(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      content.accept(json);
    }
    return out.toByteArray();
  }

  /**
   * Ends the exchange.
   *
   * @throws CloseConnectionException when the client has gone: for this one Helidon writes no stack
   *     trace
   */
  public static void send(ServerResponse response, byte[] body) {
    try {
      response.send(body);
    } catch (UncheckedIOException e) {
      throw new CloseConnectionException("the client did not take its answer", e);
    }
  }
}
