package lastcall.management;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lastcall.admin.Action;
import lastcall.admin.AdminException;
import lastcall.admin.Filter;
import lastcall.admin.Mail;
import lastcall.admin.OutboxAdmin;
import lastcall.admin.Readings;
import lastcall.admin.State;
import lastcall.admin.Trees;
import lastcall.http.ProblemDetails;
import org.jspecify.annotations.Nullable;

/** The outbox for people: search, one e-mail, actions with their number first, pause and resume. */
final class OutboxPages implements HttpFeature {
  private final Pages pages;
  private final OutboxAdmin admin;
  private final OutboxActions actions;

  OutboxPages(Pages pages, OutboxAdmin admin) {
    this.pages = pages;
    this.admin = admin;
    this.actions = new OutboxActions(admin);
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/outbox", OutboxQuery.guarded(this::find));
    routing.get("/outbox/{id}", OutboxQuery.guarded(this::show));
    for (Action action : Action.values()) {
      routing.get(
          "/outbox/confirm/" + action.word(),
          OutboxQuery.guarded((request, response) -> confirm(action, request, response)));
      routing.post(
          "/outbox/" + action.word(),
          OutboxQuery.guarded((request, response) -> change(action, request, response)));
    }
    routing.post("/outbox/pause", OutboxQuery.guarded(this::pause));
    routing.post("/outbox/resume", OutboxQuery.guarded(this::resume));
  }

  private void find(ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query =
        OutboxQuery.of(
            request, OutboxQuery.filterAnd("after", "limit", "addresses", "done", "more"));
    Filter filter = query.filter();
    boolean whole = pages.addresses(request);
    Mail.Page page = admin.find(filter, query.after(), query.limit());
    Map<String, Object> model = new HashMap<>(Trees.page(page, whole));
    model.put("any", !page.mails().isEmpty());
    model.put("filtered", !filter.equals(Filter.ALL));
    model.put("fields", fields(query));
    model.put("states", states(filter.state()));
    model.put("whole", whole);
    model.put("query", text(query, "&"));
    model.put("counts", counts(admin.readings()));
    model.put("pause", Trees.pause(admin.pause()));
    model.put("done", done(query));
    pages.html(request, response, "outbox", "Outbox", model);
  }

  /** What an action has just done, from the address to which it has sent the browser. */
  private static @Nullable Map<String, Object> done(OutboxQuery query) throws OutboxQuery.Wrong {
    String mails = query.get("done");
    return mails == null || !mails.matches("[0-9]{1,18}")
        ? null
        : Map.of("mails", mails, "more", query.is("more"));
  }

  private static List<Map<String, Object>> counts(Readings readings) {
    List<Map<String, Object>> counts = new ArrayList<>();
    for (State state : State.values()) {
      if (state != State.SENT) {
        long count = readings.count(state);
        String text = count < Readings.CAP ? "" + count : Readings.CAP + "+";
        counts.add(Map.of("state", state.word(), "count", text));
      }
    }
    return counts;
  }

  private static List<Map<String, Object>> states(@Nullable State chosen) {
    List<Map<String, Object>> states = new ArrayList<>();
    for (State state : State.values()) {
      states.add(Map.of("state", state.word(), "chosen", state == chosen));
    }
    return states;
  }

  private static Map<String, Object> fields(OutboxQuery query) {
    Map<String, Object> fields = new HashMap<>();
    for (String name : OutboxQuery.FILTER) {
      String value = query.get(name);
      fields.put(name, value == null ? "" : value);
    }
    return fields;
  }

  /** The filter as a part of an address. */
  private static String text(OutboxQuery query, String behind) {
    StringBuilder text = new StringBuilder();
    for (String name : OutboxQuery.FILTER) {
      String value = query.get(name);
      if (value != null) {
        text.append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        text.append(behind);
      }
    }
    return text.toString();
  }

  private void show(ServerRequest request, ServerResponse response)
      throws AdminException, InterruptedException {
    show(request.path().pathParameters().get("id"), "", request, response);
  }

  private void show(String id, String wrong, ServerRequest request, ServerResponse response)
      throws AdminException, InterruptedException {
    Mail.Details details = admin.show(id);
    if (details == null) {
      new ProblemDetails(Status.NOT_FOUND_404, "no-such-mail", "there is no e-mail with this id")
          .send(request, response);
      return;
    }
    Map<String, Object> model = new HashMap<>();
    Mail mail = details.mail();
    String trace = mail.traceparent();
    boolean whole = pages.addresses(request);
    model.put("mail", Trees.mail(mail, whole));
    model.put("tries", Trees.details(details, whole).get("tries"));
    model.put("any_tries", !details.attempts().isEmpty());
    model.put("trace_id", trace != null && trace.length() > 35 ? trace.substring(3, 35) : "");
    model.put("whole", whole);
    model.put("can_retry", mail.state() != State.SENT && mail.state() != State.CLAIMED);
    model.put("can_cancel", mail.state() == State.DUE || mail.state() == State.LATER);
    model.put("wrong", wrong);
    pages.html(request, response, "outbox-mail", "E-mail", model);
  }

  private void confirm(Action action, ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query = OutboxQuery.of(request, OutboxQuery.FILTER);
    Filter filter = OutboxActions.narrowed(query);
    OutboxAdmin.Count count = admin.count(action, filter, OutboxActions.CAP);
    Map<String, Object> model = new HashMap<>();
    model.put("action", action.word());
    model.put("retry", action == Action.RETRY);
    model.put("unconfirmed", filter.state() == null || filter.state() == State.UNCONFIRMED);
    model.put("mails", count.mails());
    model.put("more", count.more());
    model.put("any", count.mails() > 0 || count.more());
    model.put("fields", fields(query));
    model.put("query", text(query, "&"));
    String title = action == Action.RETRY ? "Send again?" : "Cancel?";
    pages.html(request, response, "outbox-confirm", title, model);
  }

  private void change(Action action, ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query = form(request, OutboxQuery.filterAnd("form_token"));
    Filter filter = OutboxActions.narrowed(query);
    String who = pages.access().who(request);
    String id = filter.id();
    if (id == null) {
      OutboxAdmin.Count count = actions.changeAll(action, filter, who);
      to(
          "/outbox?" + text(query, "&") + "done=" + count.mails() + "&more=" + count.more(),
          response);
    } else if (admin.change(action, id, who)
        instanceof OutboxAdmin.Outcome.NotPossible(String why)) {
      response.status(Status.CONFLICT_409);
      show(id, why, request, response);
    } else {
      to("/outbox/" + URLEncoder.encode(id, StandardCharsets.UTF_8), response);
    }
  }

  private OutboxQuery form(ServerRequest request, List<String> known) throws OutboxQuery.Wrong {
    OutboxQuery query = new OutboxQuery(pages.access().form(request));
    query.mustKnow(known);
    return query;
  }

  private void pause(ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query = form(request, List.of("form_token", "for", "until"));
    actions.pause(query, pages.access().who(request));
    to("/outbox", response);
  }

  private void resume(ServerRequest request, ServerResponse response)
      throws AdminException, InterruptedException {
    pages.access().form(request);
    admin.resume(pages.access().who(request));
    to("/outbox", response);
  }

  private static void to(String path, ServerResponse response) {
    response.header(HeaderNames.LOCATION, path);
    response.status(Status.SEE_OTHER_303).send();
  }
}
