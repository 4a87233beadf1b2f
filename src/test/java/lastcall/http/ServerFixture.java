package lastcall.http;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import lastcall.api.SignupEndpoint;
import lastcall.api.SignupLimits;
import lastcall.config.AppConfig;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;

/** A running API on a free loopback port. */
public final class ServerFixture implements AutoCloseable {
  public static final String GOOD =
      "{\"name\":\"Ada\",\"email\":\"ada@example.org\",\"password\":\"correct horse\"}";
  public static final AppConfig.Limits LIMITS =
      new AppConfig.Limits(
          16 * 1024, Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(60));

  private static final AppConfig.Password WEAK = new AppConfig.Password(8, 1, 1);

  final PublicServer server;
  private final PasswordHasher hasher;

  public ServerFixture(Function<SignupRequest, SignupOutcome> signup) {
    this(signup, LIMITS, Duration.ofSeconds(10));
  }

  public ServerFixture(PasswordHasher hasher, Function<SignupRequest, SignupOutcome> signup) {
    this(new SignupEndpoint(hasher, signup), hasher, LIMITS, Duration.ofSeconds(10), Set.of());
  }

  public ServerFixture(
      Function<SignupRequest, SignupOutcome> signup, AppConfig.Limits limits, Duration grace) {
    this(signup, limits, grace, Set.of());
  }

  ServerFixture(
      Function<SignupRequest, SignupOutcome> signup,
      AppConfig.Limits limits,
      Duration grace,
      Set<String> corsOrigins) {
    this(signup, limits, grace, corsOrigins, AppConfig.ClientLimits.NONE);
  }

  public ServerFixture(
      Function<SignupRequest, SignupOutcome> signup,
      AppConfig.Limits limits,
      Duration grace,
      Set<String> corsOrigins,
      AppConfig.ClientLimits clients) {
    this(
        new PasswordHasher(WEAK, Duration.ofSeconds(1)),
        signup,
        limits,
        grace,
        corsOrigins,
        clients);
  }

  private ServerFixture(
      PasswordHasher hasher,
      Function<SignupRequest, SignupOutcome> signup,
      AppConfig.Limits limits,
      Duration grace,
      Set<String> corsOrigins,
      AppConfig.ClientLimits clients) {
    this(
        new SignupEndpoint(hasher, signup, new SignupLimits(clients, reason -> {})),
        hasher,
        limits,
        grace,
        corsOrigins);
  }

  private ServerFixture(
      SignupEndpoint endpoint,
      PasswordHasher hasher,
      AppConfig.Limits limits,
      Duration grace,
      Set<String> corsOrigins) {
    this.hasher = hasher;
    server =
        new PublicServer(
            new AppConfig.Server("127.0.0.1", 0, corsOrigins),
            4096,
            limits,
            grace,
            List.of(),
            endpoint);
    server.start();
  }

  public static SignupOutcome accept(SignupRequest request) {
    return new SignupOutcome.Accepted(
        new User(
            "id-1", Instant.ofEpochMilli(1_700_000_000_123L), request.name(), request.email()));
  }

  public int port() {
    return server.port();
  }

  /** Requests are answered with 503 from now on, and the listener stays open. */
  public void refuse() {
    server.refuse();
  }

  public HttpTestClient client() throws java.io.IOException {
    return new HttpTestClient(server.port());
  }

  @Override
  public void close() {
    stop();
  }

  /**
   * @return the requests cut off
   */
  public int stop() {
    try {
      server.refuse();
      hasher.stop();
      server.stop();
      return server.cutOff();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
