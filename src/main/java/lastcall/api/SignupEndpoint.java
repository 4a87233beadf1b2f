package lastcall.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import lastcall.config.AppConfig;
import lastcall.http.OpenApiDocument;
import lastcall.http.ProblemDetails;
import lastcall.http.PublicRoutes;
import lastcall.http.RequestBodies;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/users}, and beside it the sign-up page and {@code /openapi}:
 *
 * <pre>{@code
 * curl -d '{"name":"Ada","email":"ada@example.org","password":"correct horse"}' \
 *   -H 'Content-Type: application/json' localhost:8080/v1/users
 * }</pre>
 */
public final class SignupEndpoint implements PublicRoutes {
  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
  static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");
  private static final Pattern KEY = Pattern.compile("[!-~]{1,64}");
  private static final Pattern JSON =
      Pattern.compile("application/json\\s*(;.*)?", Pattern.CASE_INSENSITIVE);
  private static final Pattern CHARSET =
      Pattern.compile("charset\\s*=\\s*\"?([^\";\\s]*)", Pattern.CASE_INSENSITIVE);
  private static final Set<String> UTF_8 = Set.of("utf-8", "utf8", "us-ascii");

  private final PasswordHasher hasher;
  private final Function<SignupRequest, SignupOutcome> signup;
  private final SignupLimits limits;
  private final SignupPage page;

  /** Without limits for clients and recipients. */
  public SignupEndpoint(PasswordHasher hasher, Function<SignupRequest, SignupOutcome> signup) {
    this(hasher, signup, new SignupLimits(AppConfig.ClientLimits.NONE, reason -> {}));
  }

  /**
   * @param hasher asked before a body is parsed whether there is any point in it
   * @param signup called on the request's own virtual thread; may block
   */
  public SignupEndpoint(
      PasswordHasher hasher, Function<SignupRequest, SignupOutcome> signup, SignupLimits limits) {
    this.hasher = hasher;
    this.signup = limits.givingBack(signup);
    this.limits = limits;
    this.page = new SignupPage(hasher, this.signup, limits);
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.addFilter((chain, request, response) -> {
      Limited limited = limits.open(request, chain::proceed);
      if (limited != null) {
        page.limited(limited, request, response);
      }
    });
    routing.any("/v1/users", this::handle);
    page.setup(routing);
    new OpenApiDocument("/lastcall/api/openapi.json").setup(routing);
    routing.any((request, response) ->
        page.problem(
            problem(Status.NOT_FOUND_404, "not-found", "try POST /v1/users"), request, response));
  }

  @Override
  public void refused(ServerRequest request, ServerResponse response) {
    page.refused(request, response);
  }

  private void handle(ServerRequest request, ServerResponse response) {
    ProblemDetails problem = refusal(request, response);
    Limited limited = problem == null ? limits.client(request) : null;
    if (limited != null) {
      problem = limited.problem(response);
    }
    if (problem == null) {
      byte[] body = RequestBodies.read(request);
      PasswordHasher.Busy busy = hasher.refuseIfBusy();
      String key = request.headers().first(IDEMPOTENCY_KEY).orElse(null);
      String trace = TraceContext.of(request.headers());
      problem =
          busy == null
              ? signUp(SignupJson.parse(body), key, trace, response)
              : answer(SignupOutcome.Unavailable.busy(busy), response);
    }
    if (problem != null) {
      page.problem(problem, request, response);
    }
  }

  /** What is wrong before a byte of the body is read, so that nothing is read in vain. */
  private static @Nullable ProblemDetails refusal(ServerRequest request, ServerResponse response) {
    if (!request.prologue().method().equals(Method.POST)) {
      response.header(HeaderNames.ALLOW, "POST");
      return problem(
          Status.METHOD_NOT_ALLOWED_405, "method-not-allowed", "only POST is allowed here");
    }
    List<String> types = request.headers().all(HeaderNames.CONTENT_TYPE, List::of);
    if (types.size() != 1 || !isJson(types.getFirst())) {
      return problem(
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          "unsupported-media-type",
          "send Content-Type: application/json, in UTF-8");
    }
    List<String> keys = request.headers().all(IDEMPOTENCY_KEY, List::of);
    if (keys.size() > 1 || keys.stream().anyMatch(key -> !KEY.matcher(key).matches())) {
      return problem(
          Status.BAD_REQUEST_400,
          "bad-idempotency-key",
          "send one Idempotency-Key of 1 to 64 visible ASCII characters, or none");
    }
    return null;
  }

  /** JSON's parameters mean nothing (RFC 8259, 11), but a wrong charset says what the body is. */
  private static boolean isJson(String type) {
    return JSON.matcher(type).matches()
        && CHARSET
            .matcher(type)
            .results()
            .allMatch(charset -> UTF_8.contains(charset.group(1).toLowerCase(Locale.ROOT)));
  }

  /**
   * @return null when the sign-up was accepted, and answered
   */
  private @Nullable ProblemDetails signUp(
      SignupJson.Parsed parsed,
      @Nullable String key,
      @Nullable String trace,
      ServerResponse response) {
    return switch (parsed) {
      case SignupJson.Malformed(String detail) ->
          problem(Status.BAD_REQUEST_400, "malformed", detail);
      case SignupJson.Draft(SignupDraft draft) ->
          switch (SignupValidation.check(draft, key, trace)) {
            case SignupValidation.Invalid(var errors) ->
                new ProblemDetails(UNPROCESSABLE, "invalid-fields", "see errors", errors);
            case SignupValidation.Valid(SignupRequest valid) -> {
              Limited limited = limits.recipient(valid);
              yield limited == null
                  ? answer(TraceContext.tell(valid, signup.apply(valid)), response)
                  : limited.problem(response);
            }
          };
    };
  }

  private static @Nullable ProblemDetails answer(SignupOutcome outcome, ServerResponse response) {
    return switch (outcome) {
      case SignupOutcome.Accepted(User user) -> {
        response.status(Status.ACCEPTED_202);
        response.header(HeaderValues.CONTENT_TYPE_JSON);
        response.send(SignupJson.accepted(user));
        yield null;
      }
      case SignupOutcome.AddressTaken() ->
          problem(Status.CONFLICT_409, "address-taken", "somebody has signed up with this address");
      case SignupOutcome.KeyReused() ->
          problem(
              UNPROCESSABLE,
              "key-reused",
              "this Idempotency-Key came with another name, address or password");
      case SignupOutcome.Stopping() -> ProblemDetails.stopping(response);
      case SignupOutcome.Unavailable(String reason, Duration retryAfter) -> {
        response.header(HeaderNames.RETRY_AFTER, seconds(retryAfter));
        yield problem(Status.SERVICE_UNAVAILABLE_503, "unavailable", reason);
      }
    };
  }

  /** In whole seconds, as Retry-After wants them. */
  static String seconds(Duration retryAfter) {
    return Long.toString(Math.max(1, retryAfter.toSeconds()));
  }

  private static ProblemDetails problem(Status status, String slug, String detail) {
    return new ProblemDetails(status, slug, detail);
  }
}
