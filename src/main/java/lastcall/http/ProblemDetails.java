package lastcall.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.DirectHandler;
import io.helidon.http.Header;
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

  public String title() {
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
  String toHttp(List<Header> more) {
    String body = new String(toJson(), UTF_8);
    StringBuilder head = new StringBuilder();
    more.forEach(header -> head.append(header.name() + ": " + header.get() + "\r\n"));
    return String.join(
        "\r\n",
        "HTTP/1.1 " + status.text(),
        "Content-Type: " + CONTENT_TYPE,
        "Connection: close",
        "Content-Length: " + body.length(),
        head + "",
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
  static DirectHandlers directHandlers(int maxBody, Cors cors) {
    DirectHandler handler =
        (request, event, status, headers, message) -> {
          headers.set(HeaderValues.create(HeaderNames.CONTENT_TYPE, CONTENT_TYPE));
          String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
          cors.headers(origin).forEach(headers::set);
          byte[] body = of(status, message, maxBody).toJson();
          return DirectHandler.TransportResponse.builder()
              .status(status)
              .headers(headers)
              .entity(request.method().equals("HEAD") ? new byte[0] : body)
              .keepAlive(false)
              .build();
        };
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType event : DirectHandler.EventType.values()) {
      handlers.addHandler(event, handler);
    }
    return handlers.build();
  }

  private static ProblemDetails of(Status status, String message, int maxBody) {
    int code = status.code();
    if (code == Status.REQUEST_ENTITY_TOO_LARGE_413.code()) {
      String detail = "the body may have " + maxBody + " bytes at most";
      return new ProblemDetails(status, "body-too-large", detail);
    }
    String slug = status.reasonPhrase().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    if (code == Status.INTERNAL_SERVER_ERROR_500.code() || message == null) {
      return new ProblemDetails(status, slug, ""); // the log has it
    }
    // Helidon has these words for each target that it can't parse, and quotes a broken Host.
    String detail =
        message.startsWith("Bad request, see server log")
            ? "the target of the request is broken"
            : message.replaceFirst("((?i)host header): .*", "$1");
    return new ProblemDetails(status, slug, detail);
  }
}
