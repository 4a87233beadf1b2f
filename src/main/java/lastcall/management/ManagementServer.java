package lastcall.management;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import java.io.FilterOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import lastcall.config.AppConfig;
import lastcall.http.Cors;
import lastcall.http.ListeningServer;
import lastcall.http.ProblemDetails;
import lastcall.http.RequestTimeouts;
import org.jspecify.annotations.Nullable;

/**
 * Health on a port of its own: {@code curl localhost:8081/observe/health/ready}. It is started
 * before the API, so that {@code started} can say no, and never stopped: it answers until the
 * process dies.
 */
public final class ManagementServer {
  /** A probe needs no secret: what it learns, anybody learns by trying the API. */
  private static final Set<String> OPEN =
      Set.of("/observe/health/live", "/observe/health/ready", "/observe/health/started");

  private static final int MAX_CONNECTIONS = 64;

  /** For a request to come and for its answer to go, so that nobody holds a connection for ever. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final Duration IDLE_LIMIT = Duration.ofSeconds(75);

  private final @Nullable String token;
  private final ListeningServer server;

  /**
   * @param liveness asked at every probe, on the probe's thread: it must not block
   * @param readiness asked likewise
   * @param started true once the API's port accepts
   */
  public ManagementServer(
      AppConfig.Management config,
      Supplier<Readiness> liveness,
      Supplier<Readiness> readiness,
      BooleanSupplier started) {
    this(config, LIMIT, liveness, readiness, started);
  }

  ManagementServer(
      AppConfig.Management config,
      Duration limit,
      Supplier<Readiness> liveness,
      Supplier<Readiness> readiness,
      BooleanSupplier started) {
    this.token = config.token();
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
        new RequestTimeouts(new AppConfig.Limits(0, limit, limit, IDLE_LIMIT), new Cors(Set.of()));
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
                        routing -> routing.addFilter(this::authorise))
                    .addFeature(
                        ObserveFeature.builder()
                            .observersDiscoverServices(false)
                            .addObserver(health)
                            .build()));
  }

  private void authorise(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String path = request.path().path();
    if (token == null || OPEN.contains(path) || matches(token, request)) {
      response.streamFilter(ManagementServer::whole);
      chain.proceed();
      return;
    }
    response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    new ProblemDetails(Status.UNAUTHORIZED_401, "unauthorized", "send the bearer token")
        .send(request, response);
  }

  /** Keeps an answer of the observer from going out in chunks, which HTTP/1.0 does not know. */
  private static OutputStream whole(OutputStream answer) {
    return new FilterOutputStream(answer) {
      @Override
      public void flush() {} // what is closed without a flush goes out with a Content-Length
    };
  }

  private static boolean matches(String token, RoutingRequest request) {
    String given = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    // In constant time, so that the token can't be guessed piece by piece.
    return MessageDigest.isEqual(
        given.getBytes(StandardCharsets.UTF_8),
        ("Bearer " + token).getBytes(StandardCharsets.UTF_8));
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
