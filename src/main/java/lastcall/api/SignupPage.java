package lastcall.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import lastcall.http.ProblemDetails;
import lastcall.http.ProblemDetails.FieldError;
import lastcall.http.RequestBodies;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.jspecify.annotations.Nullable;

/**
 * The sign-up page at {@code /}, for people: one form, which works without JavaScript. With it, the
 * page sends JSON to {@code /v1/users} instead. What is refused comes back as the form with what
 * was typed.
 */
final class SignupPage implements HttpFeature {
  private static final String NOT_YET = "You are not signed up yet.";
  private static final String AGAIN =
      " What you typed is kept, except for the password. Send it again in a moment: you will not be"
          + " signed up twice.";

  private final PasswordHasher hasher;
  private final Function<SignupRequest, SignupOutcome> signup;
  private final SignupLimits limits;
  private volatile @Nullable Files files;

  /** Read when the first page is asked for: reading them at the start would take it 0.1 s. */
  private record Files(SignupAssets assets, SignupHtml html) {}

  SignupPage(
      PasswordHasher hasher, Function<SignupRequest, SignupOutcome> signup, SignupLimits limits) {
    this.hasher = hasher;
    this.signup = signup;
    this.limits = limits;
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.any("/", this::handle);
    routing.get(
        SignupAssets.ROUTE, (request, response) -> files().assets().handle(request, response));
  }

  /** Two threads may read them at once, and then both are right. */
  private Files files() {
    Files read = files;
    if (read == null) {
      SignupAssets assets = new SignupAssets();
      read = new Files(assets, new SignupHtml(assets));
      files = read;
    }
    return read;
  }

  private SignupHtml html() {
    return files().html();
  }

  private void handle(ServerRequest request, ServerResponse response) {
    Method method = request.prologue().method();
    boolean read = method.equals(Method.GET) || method.equals(Method.HEAD);
    if (read && (asksForHtml(request) || accepts(request, "*/*"))) {
      html().emptyForm(request, response, Status.OK_200, "");
    } else if (isForm(request)) {
      signUp(request, response);
    } else if (read || method.equals(Method.POST)) {
      response.next(); // a client of the API, which finds nothing here
    } else {
      response.header(HeaderNames.ALLOW, "GET, HEAD, POST");
      problem(
          new ProblemDetails(
              Status.METHOD_NOT_ALLOWED_405,
              "method-not-allowed",
              "GET, HEAD and POST are allowed"),
          request,
          response);
    }
  }

  private void signUp(ServerRequest request, ServerResponse response) {
    if (!ofThisSite(request)) {
      html()
          .emptyForm(
              request,
              response,
              Status.FORBIDDEN_403,
              "That form was not sent by this page, so nobody was signed up. Here is the real one.");
      return;
    }
    Limited tooMany = limits.client(request);
    if (tooMany != null) {
      limited(tooMany, request, response);
      return;
    }
    FormBody form = FormBody.parse(RequestBodies.read(request));
    if (form == null) {
      html()
          .emptyForm(
              request, response, Status.BAD_REQUEST_400, NOT_YET + " The form arrived broken.");
      return;
    }
    PasswordHasher.Busy busy = hasher.refuseIfBusy();
    if (busy != null) {
      answer(SignupOutcome.Unavailable.busy(busy), form, request, response);
      return;
    }
    String trace = TraceContext.of(request.headers());
    switch (SignupValidation.check(form.draft(), form.key(), trace)) {
      case SignupValidation.Invalid(var errors) ->
          html().form(request, response, SignupEndpoint.UNPROCESSABLE, NOT_YET, form, errors);
      case SignupValidation.Valid(SignupRequest valid) -> {
        Limited limited = limits.recipient(valid);
        if (limited == null) {
          answer(TraceContext.tell(valid, signup.apply(valid)), form, request, response);
        } else {
          Status status = limited.problem(response).status();
          String alert = NOT_YET + " " + limited.words();
          html().form(request, response, status, alert, form, List.of());
        }
      }
    }
  }

  private void answer(
      SignupOutcome outcome, FormBody form, ServerRequest request, ServerResponse response) {
    switch (outcome) {
      case SignupOutcome.Accepted(var user) -> html().thanks(request, response, user.email());
      case SignupOutcome.AddressTaken() ->
          html()
              .form(
                  request,
                  response,
                  Status.CONFLICT_409,
                  NOT_YET,
                  form,
                  List.of(new FieldError("/email", "is taken: somebody has signed up with it")));
      case SignupOutcome.KeyReused() ->
          html()
              .form(
                  request,
                  response,
                  SignupEndpoint.UNPROCESSABLE,
                  "An earlier try of this form was accepted, with other values. Send it only if you want"
                      + " to sign up once more with what is here now.",
                  form.withKey(SignupHtml.newForm().key()),
                  List.of());
      case SignupOutcome.Stopping() -> stopping(form, request, response);
      case SignupOutcome.Unavailable(String reason, Duration retryAfter) -> {
        response.header(HeaderNames.RETRY_AFTER, SignupEndpoint.seconds(retryAfter));
        unavailable(NOT_YET + " " + reason + AGAIN, form, request, response);
      }
    }
  }

  /** Answers a request whose body was not read, so what was typed is lost to the page. */
  void limited(Limited limited, ServerRequest request, ServerResponse response) {
    ProblemDetails problem = limited.problem(response);
    if (request.path().path().equals("/") && isForm(request)) {
      String alert = NOT_YET + " " + limited.words();
      html().emptyForm(request, response, problem.status(), alert);
    } else {
      problem(problem, request, response);
    }
  }

  /** Answers a request that comes when the server is refusing. */
  void refused(ServerRequest request, ServerResponse response) {
    boolean root = request.path().path().equals("/");
    if (root && isForm(request) && ofThisSite(request)) {
      FormBody form = FormBody.parse(RequestBodies.read(request));
      stopping(form == null ? SignupHtml.newForm() : form, request, response);
    } else if (root && asksForHtml(request)) {
      stopping(SignupHtml.newForm(), request, response);
    } else {
      problem(ProblemDetails.stopping(response), request, response);
    }
  }

  private void stopping(FormBody form, ServerRequest request, ServerResponse response) {
    ProblemDetails.stopping(response); // for its Retry-After
    unavailable("The service is stopping and takes no sign-ups." + AGAIN, form, request, response);
  }

  private void unavailable(
      String alert, FormBody form, ServerRequest request, ServerResponse response) {
    html().form(request, response, Status.SERVICE_UNAVAILABLE_503, alert, form, List.of());
  }

  /** Sends a problem, or a page that says the same to somebody who follows a link. */
  void problem(ProblemDetails problem, ServerRequest request, ServerResponse response) {
    if (asksForHtml(request) && !request.prologue().method().equals(Method.POST)) {
      String text =
          problem.status().equals(Status.NOT_FOUND_404)
              ? "There is no page at this address."
              : "The service says: " + problem.detail() + ".";
      html().notice(request, response, problem.status(), problem.title(), text);
    } else {
      problem.send(request, response);
    }
  }

  private static boolean asksForHtml(ServerRequest request) {
    return accepts(request, "text/html");
  }

  private static boolean accepts(ServerRequest request, String type) {
    List<String> accept = request.headers().all(HeaderNames.ACCEPT, () -> List.of("*/*"));
    return accept.stream().anyMatch(one -> one.toLowerCase(Locale.ROOT).contains(type));
  }

  private static boolean isForm(ServerRequest request) {
    String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
    return request.prologue().method().equals(Method.POST)
        && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
  }

  /**
   * Whether a page of ours sent the form, or no browser did. Browsers send Sec-Fetch-Site where the
   * connection is secure, and Origin everywhere.
   */
  private static boolean ofThisSite(ServerRequest request) {
    String site = header(request, "Sec-Fetch-Site");
    if (site != null) {
      return site.equals("same-origin") || site.equals("none");
    }
    String origin = header(request, "Origin");
    return origin == null
        || origin.replaceFirst("^https?://", "").equalsIgnoreCase(header(request, "Host"));
  }

  private static @Nullable String header(ServerRequest request, String name) {
    return request.headers().first(HeaderNames.create(name)).orElse(null);
  }
}
