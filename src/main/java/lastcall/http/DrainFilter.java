package lastcall.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Around every request: admission, the count, and whether its connection lives on. */
final class DrainFilter implements Filter {
  private static final ProblemDetails STOPPING =
      new ProblemDetails(
          Status.SERVICE_UNAVAILABLE_503, "stopping", "this server is stopping; try another one");

  private final InFlightRequests inFlight;
  private final RequestTimeouts timeouts;
  private volatile boolean draining;

  DrainFilter(InFlightRequests inFlight, RequestTimeouts timeouts) {
    this.inFlight = inFlight;
    this.timeouts = timeouts;
  }

  /** Every answer from now on closes its connection; requests are still admitted. */
  void startDraining() {
    draining = true;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    // Helidon's stop interrupts threads that wait for a request, and one of these may have read its
    // request just then: with the flag left on, its answer could not be written.
    Thread.interrupted();
    response.beforeSend(
        () -> {
          if (draining || asksToClose(request) || !request.content().consumed()) {
            response.header(HeaderValues.CONNECTION_CLOSE);
          }
        });
    if (inFlight.enter()) {
      try {
        chain.proceed();
      } finally {
        inFlight.exit();
      }
    } else {
      response.header(HeaderNames.RETRY_AFTER, "1");
      STOPPING.send(request, response);
    }
    if (!response.isSent()) {
      return; // an exception is on its way to its answer
    }
    if (request.content().consumed()) {
      timeouts.requestDone();
    }
    if (response.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
      // The header alone does not make Helidon close, and it would read what is left of an unread
      // body as the next request.
      throw new CloseConnectionException("answered with Connection: close");
    }
  }

  private static boolean asksToClose(ServerRequest request) {
    return request.headers().all(HeaderNames.CONNECTION, List::of).stream()
        .flatMap(value -> Arrays.stream(value.toLowerCase(Locale.ROOT).split(",")))
        .anyMatch(token -> token.strip().equals("close"));
  }
}
