package lastcall.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.List;
import java.util.Set;

/**
 * Lets pages of other origins sign people up. Before a browser sends such a page's request, it asks
 * with a preflight whether it may. It hides each answer from the page that does not name the page's
 * origin, errors included.
 *
 * @param origins such as {@code https://www.example.org}, as browsers write them
 */
public record Cors(Set<String> origins) implements Filter {
  private static final Header VARY = HeaderValues.create(HeaderNames.VARY, "Origin");
  private static final Header EXPOSE =
      HeaderValues.create(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After");

  /** What an answer to a request from that origin says. */
  List<Header> headers(String origin) {
    if (origins.isEmpty()) {
      return List.of();
    }
    return origins.contains(origin)
        ? List.of(
            VARY, HeaderValues.create(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin), EXPOSE)
        : List.of(VARY); // no cache may give this answer to another origin
  }

  /** Answers the preflights of allowed origins. */
  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (request.prologue().method().equals(Method.OPTIONS)
        && request.headers().contains(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD)
        && origins.contains(request.headers().first(HeaderNames.ORIGIN).orElse(""))) {
      response
          .header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "POST")
          .header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Idempotency-Key")
          .header(HeaderNames.ACCESS_CONTROL_MAX_AGE, "7200")
          .status(Status.NO_CONTENT_204)
          .send();
    } else {
      chain.proceed();
    }
  }
}
