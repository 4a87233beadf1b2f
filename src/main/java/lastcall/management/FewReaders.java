package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import lastcall.http.ProblemDetails;

/**
 * Lets few requests at a time take an e-mail apart, and keeps their place until the answer is out:
 * each holds some copies of a megabyte or more, and forty slow readers would need the whole heap.
 */
final class FewReaders {
  private static final int AT_A_TIME = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Semaphore places = new Semaphore(AT_A_TIME);

  Handler with(Handler handler) {
    return (request, response) -> {
      if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        new ProblemDetails(
                Status.SERVICE_UNAVAILABLE_503,
                "too-many-readers",
                "too many e-mails are read at the same time; try again")
            .send(request, response);
        return;
      }
      try {
        handler.handle(request, response);
      } finally {
        places.release();
      }
    };
  }
}
