package lastcall.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import lastcall.signup.SignupDraft;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.SignupValidation;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/users}, and nothing else:
 *
 * <pre>{@code
 * curl -d '{"name":"Ada","email":"ada@example.org","password":"correct horse"}' \
 *   -H 'Content-Type: application/json' localhost:8080/v1/users
 * }</pre>
 */
public final class SignupEndpoint {
  private static final HeaderName IDEMPOTENCY_KEY = HeaderNames.create("Idempotency-Key");
  private static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");
  private static final Pattern KEY = Pattern.compile("[!-~]{1,64}");
  private static final Pattern JSON =
      Pattern.compile(
          "application/json(\\s*;\\s*charset=(utf-8|\"utf-8\"))?\\s*", Pattern.CASE_INSENSITIVE);

  private final Function<SignupRequest, SignupOutcome> signup;

  /**
   * @param signup called on the request's own virtual thread; may block
   */
  public SignupEndpoint(Function<SignupRequest, SignupOutcome> signup) {
    this.signup = signup;
  }

  void routing(HttpRouting.Builder routing) {
    routing.any("/v1/users", this::handle);
    routing.any(
        (request, response) ->
            new ProblemDetails(Status.NOT_FOUND_404, "not-found", "try POST /v1/users")
                .send(request, response));
  }

  private void handle(ServerRequest request, ServerResponse response) {
    ProblemDetails refusal = refusal(request);
    if (refusal != null) {
      if (refusal.status().code() == Status.METHOD_NOT_ALLOWED_405.code()) {
        response.header(HeaderNames.ALLOW, "POST");
      }
      refusal.send(request, response);
      return;
    }
    switch (SignupJson.parse(body(request))) {
      case SignupJson.Malformed malformed ->
          new ProblemDetails(Status.BAD_REQUEST_400, "not-json", malformed.detail())
              .send(request, response);
      case SignupJson.Draft(SignupDraft draft) -> {
        String key = request.headers().first(IDEMPOTENCY_KEY).orElse(null);
        switch (SignupValidation.check(draft, key)) {
          case SignupValidation.Invalid(var errors) ->
              unprocessable("invalid-fields", "see errors", errors).send(request, response);
          case SignupValidation.Valid(SignupRequest valid) ->
              answer(signup.apply(valid), request, response);
        }
      }
    }
  }

  /** What is wrong before a byte of the body is read, so that nothing is read in vain. */
  private static @Nullable ProblemDetails refusal(ServerRequest request) {
    if (!request.prologue().method().equals(Method.POST)) {
      return new ProblemDetails(
          Status.METHOD_NOT_ALLOWED_405, "method-not-allowed", "only POST is allowed here");
    }
    List<String> types = request.headers().all(HeaderNames.CONTENT_TYPE, List::of);
    if (types.size() != 1 || !JSON.matcher(types.getFirst()).matches()) {
      return new ProblemDetails(
          Status.UNSUPPORTED_MEDIA_TYPE_415,
          "unsupported-media-type",
          "send Content-Type: application/json, in UTF-8");
    }
    List<String> keys = request.headers().all(IDEMPOTENCY_KEY, List::of);
    if (keys.size() > 1 || keys.stream().anyMatch(key -> !KEY.matcher(key).matches())) {
      return new ProblemDetails(
          Status.BAD_REQUEST_400,
          "bad-idempotency-key",
          "send one Idempotency-Key of 1 to 64 visible ASCII characters, or none");
    }
    return null;
  }

  private static ProblemDetails unprocessable(
      String slug, String detail, List<SignupValidation.FieldError> errors) {
    return new ProblemDetails(UNPROCESSABLE, slug, detail, errors);
  }

  /** At most limits.max-body: the server's own limit answers 413 before it takes more. */
  private static byte[] body(ServerRequest request) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try {
      return request.content().inputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(
      SignupOutcome outcome, ServerRequest request, ServerResponse response) {
    switch (outcome) {
      case SignupOutcome.Accepted(var user) -> {
        response.status(Status.ACCEPTED_202);
        response.header(HeaderValues.CONTENT_TYPE_JSON);
        response.send(SignupJson.accepted(user));
      }
      case SignupOutcome.AddressTaken() ->
          new ProblemDetails(
                  Status.CONFLICT_409, "address-taken", "somebody has signed up with this address")
              .send(request, response);
      case SignupOutcome.KeyReused() ->
          unprocessable(
                  "key-reused", "this Idempotency-Key came with another name or address", List.of())
              .send(request, response);
      case SignupOutcome.Unavailable unavailable -> {
        long seconds = Math.max(1, unavailable.retryAfter().toSeconds());
        response.header(HeaderNames.RETRY_AFTER, Long.toString(seconds));
        new ProblemDetails(
                Status.SERVICE_UNAVAILABLE_503, "unavailable", unavailable.reason())
            .send(request, response);
      }
    }
  }
}
