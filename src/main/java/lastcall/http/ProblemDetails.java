package lastcall.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Locale;

/**
 * An error answer (RFC 9457), {@code application/problem+json}.
 *
 * @param slug the last part of the type, a URN that clients may compare: {@code
 *     urn:lastcall:problem:address-taken}
 * @param detail for people; it repeats nothing of the request, which may hold a password
 */
public record ProblemDetails(Status status, String slug, String detail, List<FieldError> errors) {
  private static final String CONTENT_TYPE = "application/problem+json";

  private static final ProblemDetails STOPPING =
      new ProblemDetails(
          Status.SERVICE_UNAVAILABLE_503, "stopping", "this server is stopping; try another one");

  /** A field that is wrong: a JSON pointer to it, and what would do. */
  public record FieldError(String pointer, String detail) {}

  public ProblemDetails(Status status, String slug, String detail) {
    this(status, slug, detail, List.of());
  }

  private String title() {
    String words = slug.replace('-', ' ');
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }

  byte[] toJson() {
    return JsonBody.of(json -> {
      json.writeStartObject()
          .writeStringProperty("type", "urn:lastcall:problem:" + slug)
          .writeStringProperty("title", title())
          .writeNumberProperty("status", status.code());
      if (!detail.isEmpty()) {
        json.writeStringProperty("detail", detail);
      }
      if (!errors.isEmpty()) {
        json.writeArrayPropertyStart("errors");
        for (FieldError error : errors) {
          json.writeStartObject()
              .writeStringProperty("pointer", error.pointer())
              .writeStringProperty("detail", error.detail())
              .writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    });
  }

  /** The whole answer as it is written to a socket, where Helidon writes none. */
  String toHttp() {
    String body = new String(toJson(), UTF_8);
    return String.join(
        "\r\n",
        "HTTP/1.1 " + status.text(),
        "Content-Type: " + CONTENT_TYPE,
        "Connection: close",
        "Content-Length: " + body.length(),
        "",
        body);
  }

  /** The answer to a request that comes when refusing. It also sets Retry-After. */
  public static ProblemDetails stopping(ServerResponse response) {
    response.header(HeaderNames.RETRY_AFTER, "1");
    return STOPPING;
  }

  /** Sends this as the answer. Headers such as Allow must have been set before. */
  public void send(ServerRequest request, ServerResponse response) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, CONTENT_TYPE);
    // Helidon sends the body even to HEAD, and the client would take it for the next answer.
    response.send(request.prologue().method().equals(Method.HEAD) ? new byte[0] : toJson());
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
    if (status.code() == Status.BAD_REQUEST_400.code() && (message == null || message.isEmpty())) {
      return new ProblemDetails(
          status,
          "bad-request",
          "the head of the request is broken; send one Host, and one Content-Length or"
              + " Transfer-Encoding: chunked");
    }
    String slug = status.reasonPhrase().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    // The client learns nothing about a failure of ours; the log has it.
    return new ProblemDetails(status, slug, status.code() >= 500 || message == null ? "" : message);
  }
}
