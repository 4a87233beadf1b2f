package lastcall.management;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import lastcall.http.EventStream;
import lastcall.http.ProblemDetails;

/** The state, and the stop while it runs: as a page, for terminals, as JSON, as events. */
final class StatusPages implements HttpFeature {
  private static final int STREAMS = 64;
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration STOPPING_TICK = Duration.ofMillis(250);

  /** Many streams that wake at once share one text; two moments of the stop are further apart. */
  private static final Duration MADE_ANEW = Duration.ofMillis(5);

  /** All streams send the same text, which is made once for them. */
  private record Made(long at, String json) {}

  private final Pages pages;
  private final StatusView view;
  private final Semaphore streams = new Semaphore(STREAMS);
  private volatile Made made = new Made(System.nanoTime() - TICK.toNanos(), "{}");

  StatusPages(Pages pages, StatusView view) {
    this.pages = pages;
    this.view = view;
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/", this::status);
    routing.get("/api/status", (request, response) -> pages.json(request, response, view.tree()));
    routing.get("/api/stop", (request, response) -> pages.json(request, response, stop()));
    routing.get("/api/events", this::events);
  }

  private void status(ServerRequest request, ServerResponse response) {
    Map<String, Object> model = StatusModel.of(view.tree(), view.history());
    if (request.headers().first(HeaderNames.ACCEPT).orElse("").startsWith("text/plain")) {
      boolean line = request.query().first("format").filter("line"::equals).isPresent();
      pages.text(request, response, line ? "line" : "status", model);
    } else {
      pages.html(request, response, "status", view.stopping() ? "Stopping" : "Status", model);
    }
  }

  private Map<String, Object> stop() {
    Map<String, Object> tree = view.tree();
    Map<String, Object> stop = new LinkedHashMap<>();
    for (String key :
        new String[] {
          "instance", "state", "stop", "requests_in_flight", "sends", "ended", "last_stop"
        }) {
      stop.put(key, tree.get(key));
    }
    return stop;
  }

  private void events(ServerRequest request, ServerResponse response) throws InterruptedException {
    if (!streams.tryAcquire()) {
      new ProblemDetails(
              Status.SERVICE_UNAVAILABLE_503,
              "too-many-streams",
              "at most " + STREAMS + " event streams at a time; ask /api/status instead")
          .send(request, response);
      return;
    }
    try (EventStream stream = new EventStream(request, response)) {
      boolean last = false;
      while (!last) { // or the client is gone
        last = view.stopped(); // asked before the status is made, which then says so too
        stream.send("status", json());
        if (!last) {
          view.awaitChange(view.stopping() ? STOPPING_TICK : TICK);
        }
      }
    } catch (IOException gone) {
      // The client has closed its page, or takes nothing any more.
    } finally {
      streams.release();
    }
  }

  private String json() {
    Made last = made;
    if (System.nanoTime() - last.at() > MADE_ANEW.toNanos()) {
      String json = new String(Tree.json(view.tree()), StandardCharsets.UTF_8).strip();
      last = new Made(System.nanoTime(), json);
      made = last;
    }
    return last.json();
  }
}
