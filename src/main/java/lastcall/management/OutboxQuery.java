package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import lastcall.admin.AdminException;
import lastcall.admin.Filter;
import lastcall.admin.Mail;
import lastcall.admin.State;
import lastcall.admin.Trees;
import lastcall.http.ProblemDetails;
import org.jspecify.annotations.Nullable;

/** What a request about the outbox asks for, by its fields; a wrong one is answered 400. */
record OutboxQuery(Map<String, String> fields) {
  /** The fields of a filter; their names are those of the commands' options. */
  static final String[] FILTER = {"id", "address", "state", "older_than", "reason"};

  private static final int MOST = 1000;

  /** A field that can't be read; the message says what would do. */
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1;

    Wrong(String message) {
      super(message);
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
      } catch (Wrong e) {
        new ProblemDetails(Status.BAD_REQUEST_400, "bad-field", String.valueOf(e.getMessage()))
            .send(request, response);
      } catch (AdminException e) {
        String why = String.valueOf(e.getMessage());
        new ProblemDetails(Status.SERVICE_UNAVAILABLE_503, "database", why).send(request, response);
      }
    };
  }

  static OutboxQuery of(ServerRequest request) {
    Map<String, String> fields = new LinkedHashMap<>();
    request.query().names().forEach(name -> fields.put(name, request.query().get(name)));
    return new OutboxQuery(fields);
  }

  /** Null for a field that is empty, as those of a form are that nobody filled in. */
  @Nullable String get(String name) {
    String value = fields.getOrDefault(name, "").strip();
    return value.isEmpty() ? null : value;
  }

  boolean is(String name) {
    return "true".equals(get(name));
  }

  Filter filter() throws Wrong {
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
