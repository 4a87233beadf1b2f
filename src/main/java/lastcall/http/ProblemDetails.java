package lastcall.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import lastcall.signup.SignupValidation.FieldError;

/**
 * An error answer (RFC 9457), {@code application/problem+json}.
 *
 * @param slug the last part of the type, a URN that clients may compare: {@code
 *     urn:lastcall:problem:address-taken}
 * @param detail for people; it repeats nothing of the request
 */
public record ProblemDetails(Status status, String slug, String detail, List<FieldError> errors) {
  private static final String CONTENT_TYPE = "application/problem+json";

  public ProblemDetails(Status status, String slug, String detail) {
    this(status, slug, detail, List.of());
  }

  String title() {
    String words = slug.replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  byte[] toJson() {
    return SignupJson.problem(this);
  }

  /** The whole answer, for where Helidon writes none. */
  String toHttp() {
    String body = new String(toJson(), UTF_8);
    return "HTTP/1.1 "
        + status.text()
        + "\r\nContent-Type: "
        + CONTENT_TYPE
        + "\r\nConnection: close\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** Ends the exchange; headers such as Allow must have been set before. */
  public void send(ServerRequest request, ServerResponse response) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, CONTENT_TYPE);
    // Helidon would send the body of an answer to HEAD, and the client would take it for the next.
    send(response, request.prologue().method().equals(Method.HEAD) ? new byte[0] : toJson());
  }

  /** To a client that has gone, nothing is sent, and Helidon writes no stack trace about it. */
  static void send(ServerResponse response, byte[] body) {
    try {
      response.send(body);
    } catch (UncheckedIOException e) {
      throw new CloseConnectionException("the client did not take its answer", e);
    }
  }

  /** Helidon's own error answers in the same form: bad requests, limits, unexpected exceptions. */
  public static DirectHandlers directHandlers() {
    DirectHandler handler =
        (request, event, status, headers, message) ->
            DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderValues.create(HeaderNames.CONTENT_TYPE, CONTENT_TYPE))
                .entity(
                    request.method().equals("HEAD") ? new byte[0] : of(status, message).toJson())
                .keepAlive(false)
                .build();
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType event : DirectHandler.EventType.values()) {
      handlers.addHandler(event, handler);
    }
    return handlers.build();
  }

  private static ProblemDetails of(Status status, String message) {
    if (status.code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()) {
      return new ProblemDetails(status, "body-too-large", "the body is too large");
    }
    String slug = status.reasonPhrase().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    // Of a failure of ours nothing is told: the log has it.
    return new ProblemDetails(status, slug, status.code() >= 500 || message == null ? "" : message);
  }
}
