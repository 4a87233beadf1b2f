package lastcall.http;

import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** Admits requests, and counts each admitted one until its answer has been written. */
final class InFlightRequests implements Filter {
  private final AtomicInteger count = new AtomicInteger();
  private final BiConsumer<ServerRequest, ServerResponse> refused;
  private volatile boolean refusing;

  /**
   * @param refused answers a request that is not admitted
   */
  InFlightRequests(BiConsumer<ServerRequest, ServerResponse> refused) {
    this.refused = refused;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (!admit(chain::proceed)) {
      refused.accept(request, response);
    }
  }

  /** Runs the request and counts it meanwhile. When refusing, it returns false instead. */
  boolean admit(Runnable request) {
    // Count first, then read the flag. The other way round, the thread of a request could read the
    // flag, then the stop could set it and see a count of zero, and then the request would run.
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

  /** When this has returned, {@link #count} shows every request that is still admitted. */
  void refuse() {
    refusing = true;
  }

  /** Requests admitted and not yet answered, and for a moment one that is about to be refused. */
  int count() {
    return count.get();
  }
}
