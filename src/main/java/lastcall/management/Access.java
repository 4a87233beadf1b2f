package lastcall.management;

import io.helidon.http.ForbiddenException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import lastcall.config.AppConfig;
import lastcall.http.ProblemDetails;
import lastcall.http.RequestBodies;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what on the management port. The three health paths are open to everybody; all else
 * needs the token, if there is one. Browsers carry requests that their user never meant, so a
 * request that changes something must come from a page of ours.
 */
final class Access implements Filter {
  /** A probe needs no secret: what it learns, anybody learns by trying the API. */
  private static final Set<String> OPEN =
      Set.of("/observe/health/live", "/observe/health/ready", "/observe/health/started");

  /** Needed to log in, and without a word about the service. */
  private static final Set<String> LOGIN = Set.of("/login", "/assets/style.css");

  /** What they change is the operator's own. */
  private static final Set<String> SESSIONS = Set.of("/login", "/logout");

  static final String COOKIE = "lastcall-session";

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final HeaderName CSP = HeaderNames.create("Content-Security-Policy");
  private static final HeaderName NOSNIFF = HeaderNames.create("X-Content-Type-Options");
  private static final HeaderName REFERRER = HeaderNames.create("Referrer-Policy");

  private final AppConfig.Management config;
  private final Secrets secrets;

  Access(AppConfig.Management config) {
    this.config = config;
    this.secrets = new Secrets(config.token());
  }

  boolean readOnly() {
    return config.readOnly();
  }

  Secrets secrets() {
    return secrets;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    response.header(
        CSP, "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
    response.header(NOSNIFF, "nosniff");
    response.header(REFERRER, "same-origin");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    String path = request.path().path();
    if (OPEN.contains(path)) {
      chain.proceed();
      return;
    }
    ProblemDetails refusal = refusal(path, request);
    if (refusal == null) {
      chain.proceed();
    } else if (refusal.status().equals(Status.UNAUTHORIZED_401) && isPage(request)) {
      response.header(
          HeaderNames.LOCATION, "/login?to=" + URLEncoder.encode(path, StandardCharsets.UTF_8));
      response.status(Status.SEE_OTHER_303).send();
    } else {
      if (refusal.status().equals(Status.UNAUTHORIZED_401)) {
        response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
      }
      refusal.send(request, response);
    }
  }

  private @Nullable ProblemDetails refusal(String path, ServerRequest request) {
    if (!knownHost(request)) {
      // A page of another site may have pointed its own name at 127.0.0.1 (DNS rebinding).
      return new ProblemDetails(
          Status.MISDIRECTED_REQUEST_421,
          "foreign-host",
          "on loopback this port is http://localhost:PORT; the Host header names another host");
    }
    if (!LOGIN.contains(path) && proof(request) == null) {
      return new ProblemDetails(Status.UNAUTHORIZED_401, "unauthorized", "send the bearer token");
    }
    Method method = request.prologue().method();
    if (method.equals(Method.GET) || method.equals(Method.HEAD)) {
      return null;
    }
    if (!sameOrigin(request)) {
      return new ProblemDetails(
          Status.FORBIDDEN_403, "cross-site", "only a page of this server may send this");
    }
    return config.readOnly() && !SESSIONS.contains(path)
        ? new ProblemDetails(
            Status.FORBIDDEN_403, "read-only", "management.read-only=true forbids every action")
        : null;
  }

  private boolean knownHost(ServerRequest request) {
    String host = config.host().contains(":") ? "[" + config.host() + "]" : config.host();
    if (secrets.needed() && !LOOPBACK.contains(host)) {
      return true; // beyond loopback the token is what protects us
    }
    String given = authority(request).replaceFirst(":\\d*$", "").toLowerCase(Locale.ROOT);
    return LOOPBACK.contains(given) || given.equals(host);
  }

  private static String authority(ServerRequest request) {
    return request.headers().first(HeaderNames.HOST).orElse("localhost"); // HTTP/1.0 needs none
  }

  /** How this operator has proven who they are; null if they have not. */
  private @Nullable String proof(ServerRequest request) {
    if (!secrets.needed()) {
      return "local";
    }
    String bearer = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
    if (bearer.regionMatches(true, 0, "Bearer ", 0, 7) && secrets.isToken(bearer.substring(7))) {
      return "token";
    }
    return request.headers().cookies().first(COOKIE).filter(this::isSession).isPresent()
        ? "login"
        : null;
  }

  private boolean isSession(String cookie) {
    return secrets.isSession(cookie, Instant.now());
  }

  /** Every browser sends one of the two with a request that changes something; others need not. */
  private static boolean sameOrigin(ServerRequest request) {
    String site = request.headers().first(FETCH_SITE).orElse("");
    String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
    return (site.isEmpty() || site.equals("same-origin") || site.equals("none"))
        && (origin.isEmpty() || origin.replaceFirst("^https?://", "").equals(authority(request)));
  }

  static boolean isPage(ServerRequest request) {
    return request.prologue().method().equals(Method.GET)
        && request.headers().first(HeaderNames.ACCEPT).orElse("").contains("text/html");
  }

  /** For the log: how this operator has proven who they are, and from where. */
  String who(ServerRequest request) {
    return proof(request) + "@" + request.remotePeer().host();
  }

  /**
   * The fields of a form that a page of ours has sent.
   *
   * @throws ForbiddenException without the form token, such as from a page that is older than this
   *     process
   */
  Map<String, String> form(ServerRequest request) {
    Map<String, String> fields = fields(request);
    if (!secrets.isFormToken(fields.getOrDefault("form_token", ""))) {
      throw new ForbiddenException(
          "the form is of an earlier start of this service: load its page again");
    }
    return fields;
  }

  /** The fields of a body as forms and curl -d send it. */
  static Map<String, String> fields(ServerRequest request) {
    String body = new String(RequestBodies.read(request), StandardCharsets.UTF_8);
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : body.split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        try {
          fields.put(decoded(field.substring(0, equals)), decoded(field.substring(equals + 1)));
        } catch (IllegalArgumentException e) {
          throw new ForbiddenException("the form is broken");
        }
      }
    }
    return fields;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
