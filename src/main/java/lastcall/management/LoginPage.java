package lastcall.management;

import io.helidon.http.HeaderNames;
import io.helidon.http.SetCookie;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Instant;
import java.util.Map;
import lastcall.log.EventLog;

/** For people: turns the token into a session that their browser keeps as a cookie. */
final class LoginPage implements HttpFeature {
  private static final EventLog LOG = EventLog.of(LoginPage.class);

  private final Pages pages;

  LoginPage(Pages pages) {
    this.pages = pages;
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get(
        "/login",
        (request, response) ->
            show(request, response, false, request.query().first("to").orElse("/")));
    routing.post("/login", this::login);
    routing.post("/logout", this::logout);
  }

  private void show(ServerRequest request, ServerResponse response, boolean wrong, String to) {
    pages.html(
        request, response, "login", "Log in", Map.of("wrong", wrong, "to", to, "login", false));
  }

  private void login(ServerRequest request, ServerResponse response) {
    Map<String, String> form = pages.access().form(request);
    String to = form.getOrDefault("to", "/");
    Secrets secrets = pages.access().secrets();
    if (!secrets.isToken(form.getOrDefault("token", ""))) {
      LOG.warn("login refused from=%s", request.remotePeer().host());
      response.status(Status.FORBIDDEN_403);
      show(request, response, true, to);
      return;
    }
    LOG.info("operator logged in from=%s", request.remotePeer().host());
    cookie(response, secrets.session(Instant.now()), Secrets.SESSION.toSeconds());
    // Only a path of ours: a link to the login page must not lead to another site.
    redirect(response, to.matches("/[A-Za-z0-9][!-\\[\\]-~]*") ? to : "/");
  }

  private void logout(ServerRequest request, ServerResponse response) {
    pages.access().form(request);
    cookie(response, "", 0);
    redirect(response, "/login");
  }

  private static void cookie(ServerResponse response, String value, long seconds) {
    response
        .headers()
        .addCookie(
            SetCookie.builder(Access.COOKIE, value)
                .httpOnly(true)
                .sameSite(SetCookie.SameSite.STRICT)
                .path("/")
                .maxAge(java.time.Duration.ofSeconds(seconds))
                .build());
  }

  private static void redirect(ServerResponse response, String to) {
    response.header(HeaderNames.LOCATION, to);
    response.status(Status.SEE_OTHER_303).send();
  }
}
