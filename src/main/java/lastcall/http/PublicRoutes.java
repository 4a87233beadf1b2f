package lastcall.http;

import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** What the public server serves. */
public interface PublicRoutes extends HttpFeature {
  /** Answers a request that comes when the server is refusing. It must not start anything. */
  default void refused(ServerRequest request, ServerResponse response) {
    ProblemDetails.stopping(response).send(request, response);
  }
}
