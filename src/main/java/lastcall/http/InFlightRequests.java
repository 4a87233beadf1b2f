package lastcall.http;

import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Admits requests and counts those admitted, each until its response has been written. */
final class InFlightRequests implements Filter {
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean refusing;

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (!admit(chain::proceed)) {
      ProblemDetails.stopping(response).send(request, response);
    }
  }

  /** Runs the request and counts it meanwhile; false, and not run, once the stop has begun. */
  boolean admit(Runnable request) {
    // Count first, then read the flag: the other way round a request could be admitted between the
    // flag and a count of zero, and be run over.
    count.incrementAndGet();
    try {
      if (refusing) {
        return false;
      }
      request.run();
      return true;
    } finally {
      count.decrementAndGet();
    }
  }

  /** From the return of this call on, no request is admitted that {@link #count} does not show. */
  void refuse() {
    refusing = true;
  }

  /** Admitted and not yet answered; for a moment also one that is about to be refused. */
  int count() {
    return count.get();
  }
}
