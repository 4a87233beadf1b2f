package lastcall.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Admits requests and counts those admitted, each until its response has been written. */
final class InFlightRequests implements Filter {
  private static final ProblemDetails STOPPING =
      new ProblemDetails(
          Status.SERVICE_UNAVAILABLE_503, "stopping", "this server is stopping; try another one");

  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean stopping;

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (!admit(chain::proceed)) {
      stopping(response).send(request, response);
    }
  }

  /** The answer to who comes too late, with its header set. */
  static ProblemDetails stopping(ServerResponse response) {
    response.header(HeaderNames.RETRY_AFTER, "1");
    return STOPPING;
  }

  /** Runs the request and counts it meanwhile; false, and not run, once the stop has begun. */
  boolean admit(Runnable request) {
    // Count first, then read the flag: the other way round a request could be admitted between the
    // flag and a count of zero, and be run over.
    count.incrementAndGet();
    try {
      if (stopping) {
        return false;
      }
      request.run();
      return true;
    } finally {
      count.decrementAndGet();
    }
  }

  /** From the return of this call on, no request is admitted that {@link #count} does not show. */
  void stopAdmitting() {
    stopping = true;
  }

  /** Admitted and not yet answered; for a moment also one that is about to be refused. */
  int count() {
    return count.get();
  }
}
