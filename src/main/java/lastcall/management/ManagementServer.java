package lastcall.management;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import lastcall.config.AppConfig;
import lastcall.http.Cors;
import lastcall.http.ListeningServer;
import lastcall.http.RequestTimeouts;

/**
 * Health and the operators' pages on a port of its own: {@code curl
 * localhost:8081/observe/health/ready}. It is started before the API, so that {@code started} can
 * say no, and never stopped: it answers until the process dies.
 */
public final class ManagementServer {
  /** Probes, scrapes, and pages that are open in browsers. */
  private static final int MAX_CONNECTIONS = 128;

  /** A form, or a filter as JSON. */
  private static final int MAX_BODY = 64 * 1024;

  /** For a request to come and for its answer to go, so that nobody holds a connection for ever. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** Short, so that connections without a request can't keep probes out for long. */
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(5);

  private final ListeningServer server;

  /**
   * @param liveness asked at every probe, on the probe's thread: it must not block
   * @param readiness asked likewise
   * @param started true once the API's port accepts
   * @param access asked before every request
   * @param pages and their JSON
   */
  public ManagementServer(
      AppConfig.Management config,
      Supplier<Readiness> liveness,
      Supplier<Readiness> readiness,
      BooleanSupplier started,
      Access access,
      List<? extends HttpFeature> pages) {
    this(config, LIMIT, liveness, readiness, started, access, pages);
  }

  ManagementServer(
      AppConfig.Management config,
      Duration limit,
      Supplier<Readiness> liveness,
      Supplier<Readiness> readiness,
      BooleanSupplier started,
      Access access,
      List<? extends HttpFeature> pages) {
    HealthObserver health =
        HealthObserver.builder()
            .details(true)
            .useSystemServices(false)
            .addCheck(new Check("process", HealthCheckType.LIVENESS, liveness))
            .addCheck(new Check("sign-ups", HealthCheckType.READINESS, readiness))
            .addCheck(
                new Check(
                    "api",
                    HealthCheckType.STARTUP,
                    () -> started.getAsBoolean() ? Readiness.READY : Readiness.STARTING))
            .build();
    RequestTimeouts timeouts =
        new RequestTimeouts(
            new AppConfig.Limits(MAX_BODY, limit, limit, IDLE_LIMIT), new Cors(Set.of()));
    this.server =
        new ListeningServer(
            "management",
            config.host(),
            () ->
                timeouts
                    .server(
                        config.host(),
                        config.port(),
                        MAX_CONNECTIONS,
                        routing -> {
                          routing.addFilter(access);
                          routing.addFilter(ManagementServer::observe);
                          routing.get("/assets/{name}", ManagementServer::asset);
                          pages.forEach(each -> each.setup(routing));
                        })
                    .addFeature(
                        ObserveFeature.builder()
                            .observersDiscoverServices(false)
                            .addObserver(health)
                            .build()));
  }

  private static void observe(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (request.path().path().startsWith("/observe/health")) {
      response.streamFilter(ManagementServer::whole);
    }
    chain.proceed();
  }

  private static void asset(ServerRequest request, ServerResponse response) throws IOException {
    String name = request.path().pathParameters().get("name");
    byte[] content = Pages.asset(name);
    if (content.length == 0) {
      response.next(); // 404
      return;
    }
    String type = name.endsWith(".css") ? "text/css" : "text/javascript";
    response.header(HeaderNames.CONTENT_TYPE, type + "; charset=UTF-8");
    response.send(content);
  }

  /** Keeps an answer of the observer from going out in chunks, which HTTP/1.0 does not know. */
  private static OutputStream whole(OutputStream answer) {
    return new FilterOutputStream(answer) {
      @Override
      public void flush() {} // what is closed without a flush goes out with a Content-Length
    };
  }

  /**
   * @throws IllegalStateException when the address can't be had; Helidon has logged why
   */
  public void start() {
    server.start();
  }

  /** The port that was bound. */
  public int port() {
    return server.port();
  }

  private record Check(String name, HealthCheckType type, Supplier<Readiness> state)
      implements HealthCheck {
    @Override
    public HealthCheckResponse call() {
      Readiness now = state.get();
      return HealthCheckResponse.builder()
          .status(now == Readiness.READY)
          .detail("state", now.name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .build();
    }
  }
}
