package lastcall.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The description of a port at {@code /openapi}, for programs.
 *
 * @param resource where it is in the jar
 */
public record OpenApiDocument(String resource) implements HttpFeature {
  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/openapi", this::send);
  }

  private void send(ServerRequest request, ServerResponse response) throws IOException {
    try (InputStream in = OpenApiDocument.class.getResourceAsStream(resource)) {
      response.header(HeaderValues.CONTENT_TYPE_JSON);
      response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
      response.send(Objects.requireNonNull(in, resource).readAllBytes());
    }
  }
}
