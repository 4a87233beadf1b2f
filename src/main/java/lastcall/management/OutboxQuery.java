package lastcall.management;

import io.helidon.http.HttpMediaType;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import lastcall.admin.AdminException;
import lastcall.admin.Filter;
import lastcall.admin.Mail;
import lastcall.admin.State;
import lastcall.admin.Trees;
import lastcall.http.ProblemDetails;
import lastcall.http.RequestBodies;
import org.jspecify.annotations.Nullable;

/** What a request about the outbox asks for, by its fields; a wrong one is answered 400. */
record OutboxQuery(Map<String, String> fields) {
  /** The fields of a filter; their names are those of the commands' options. */
  static final List<String> FILTER = List.of("id", "address", "state", "older_than", "reason");

  private static final int MOST = 1000;

  /** The fields of a filter, and others. */
  static List<String> filterAnd(String... more) {
    return Stream.concat(FILTER.stream(), Stream.of(more)).toList();
  }

  /** A field that can't be read; the message says what would do. */
  static class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(String message) {
      super(message);
    }
  }

  /** A body that is neither a form nor JSON. */
  static final class WrongType extends Wrong {
    private static final long serialVersionUID = 1;

    WrongType() {
      super("send a form (application/x-www-form-urlencoded) or a JSON object (application/json)");
    }
  }

  interface Handler {
    void handle(ServerRequest request, ServerResponse response)
        throws Wrong, AdminException, InterruptedException;
  }

  /** Answers what a handler can't do: 400 or 503. */
  static io.helidon.webserver.http.Handler guarded(Handler handler) {
    return (request, response) -> {
      try {
        handler.handle(request, response);
      } catch (WrongType e) {
        new ProblemDetails(
                Status.UNSUPPORTED_MEDIA_TYPE_415,
                "unsupported-media-type",
                String.valueOf(e.getMessage()))
            .send(request, response);
      } catch (Wrong e) {
        new ProblemDetails(Status.BAD_REQUEST_400, "bad-field", String.valueOf(e.getMessage()))
            .send(request, response);
      } catch (AdminException e) {
        String why = String.valueOf(e.getMessage());
        new ProblemDetails(Status.SERVICE_UNAVAILABLE_503, "database", why).send(request, response);
      }
    };
  }

  /**
   * The fields in the address. One that nobody knows is not left out: it may be a misspelt one that
   * was to narrow an action, or to make it a dry run.
   */
  static OutboxQuery of(ServerRequest request, List<String> known) throws Wrong {
    OutboxQuery query = new OutboxQuery(new LinkedHashMap<>());
    for (String name : request.query().names()) {
      if (!name.isEmpty()) { // as behind a "&" at the end
        query.add(name, request.query().all(name));
      }
    }
    query.mustKnow(known);
    return query;
  }

  /** The fields in the address and in the body. */
  static OutboxQuery posted(ServerRequest request, List<String> known) throws Wrong {
    OutboxQuery query = of(request, known);
    byte[] body = RequestBodies.read(request);
    if (body.length > 0) {
      String type = request.headers().contentType().map(HttpMediaType::text).orElse("");
      String text = new String(body, StandardCharsets.UTF_8);
      switch (type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT)) {
        case "application/x-www-form-urlencoded" -> query.addForm(text);
        case "application/json" -> query.addJson(body);
        default -> throw new WrongType();
      }
      query.mustKnow(known);
    }
    for (Map.Entry<String, String> field : query.fields.entrySet()) {
      if (field.getValue().isBlank()) { // a script's variable that is not set, say
        throw new Wrong(field.getKey() + ": it has no value; leave it out");
      }
    }
    return query;
  }

  private void addForm(String body) throws Wrong {
    for (String field : body.split("&", -1)) {
      String[] parts = field.split("=", 2);
      try {
        add(decoded(parts[0]), List.of(parts.length < 2 ? "" : decoded(parts[1])));
      } catch (IllegalArgumentException e) {
        throw new Wrong("the form is broken");
      }
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private void addJson(byte[] body) throws Wrong {
    Map<String, String> json = FlatJson.parse(body);
    if (json == null) {
      throw new Wrong("send a JSON object of texts, each name once");
    }
    for (Map.Entry<String, String> field : json.entrySet()) {
      add(field.getKey(), List.of(field.getValue()));
    }
  }

  private void add(String name, List<String> values) throws Wrong {
    if (values.size() != 1 || fields.put(name, values.getFirst()) != null) {
      throw new Wrong(name + ": give it once, with a value");
    }
  }

  void mustKnow(List<String> known) throws Wrong {
    for (String name : fields.keySet()) {
      if (!known.contains(name)) {
        String which = known.isEmpty() ? "there are none" : String.join(", ", known);
        throw new Wrong(name + ": there is no such field; " + which);
      }
    }
  }

  /** Null for a field that is empty, as those of a form are that nobody filled in. */
  @Nullable String get(String name) {
    String value = fields.getOrDefault(name, "").strip();
    return value.isEmpty() ? null : value;
  }

  boolean is(String name) throws Wrong {
    String value = fields.get(name);
    if (value != null && !value.equals("true") && !value.equals("false")) {
      throw new Wrong(name + ": true or false");
    }
    return "true".equals(value);
  }

  Filter filter() throws Wrong {
    for (String other : FILTER) {
      if (get("id") != null && !other.equals("id") && get(other) != null) {
        throw new Wrong("id names one e-mail: leave out " + other);
      }
    }
    return new Filter(get("id"), get("address"), state(), span("older_than"), get("reason"));
  }

  private @Nullable State state() throws Wrong {
    String word = get("state");
    for (State state : State.values()) {
      if (state.word().equals(word)) {
        return state;
      }
    }
    if (word != null) {
      throw new Wrong("state: no e-mail is ever " + word);
    }
    return null;
  }

  @Nullable Duration span(String name) throws Wrong {
    String text = get(name);
    Duration span = text == null ? null : Trees.span(text);
    if (text != null && span == null) {
      throw new Wrong(name + ": write a number and s, m, h or d, such as 15m");
    }
    return span;
  }

  @Nullable Instant moment(String name) throws Wrong {
    String text = get(name);
    Instant moment = text == null ? null : Trees.moment(text);
    if (text != null && moment == null) {
      throw new Wrong(name + ": write a time such as 2030-01-31T12:00:00Z");
    }
    return moment;
  }

  Mail.@Nullable Cursor after() throws Wrong {
    String text = get("after");
    Mail.Cursor cursor = Mail.Cursor.parse(text);
    if (text != null && cursor == null) {
      throw new Wrong("after: take the value of next from the answer before");
    }
    return cursor;
  }

  int limit() throws Wrong {
    String text = get("limit");
    int limit = text == null ? 50 : text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > MOST) {
      throw new Wrong("limit: 1 to " + MOST);
    }
    return limit;
  }
}
