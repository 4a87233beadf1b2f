package lastcall.management;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lastcall.admin.Action;
import lastcall.admin.AdminException;
import lastcall.admin.Filter;
import lastcall.admin.Mail;
import lastcall.admin.OutboxAdmin;
import lastcall.admin.Trees;
import lastcall.http.ProblemDetails;

/**
 * The outbox as JSON: what the pages show and do. Fields come in the query, in a form or in JSON.
 */
final class OutboxApi implements HttpFeature {
  private final Pages pages;
  private final OutboxAdmin admin;
  private final OutboxActions actions;

  OutboxApi(Pages pages, OutboxAdmin admin) {
    this.pages = pages;
    this.admin = admin;
    this.actions = new OutboxActions(admin);
  }

  @Override
  public void setup(HttpRouting.Builder routing) {
    routing.get("/api/outbox", OutboxQuery.guarded(this::find));
    routing.get("/api/outbox/{id}", OutboxQuery.guarded(this::show));
    for (Action action : Action.values()) {
      routing.post(
          "/api/outbox/" + action.word(),
          OutboxQuery.guarded((request, response) -> change(action, request, response)));
    }
    routing.post("/api/outbox/pause", OutboxQuery.guarded(this::pause));
    routing.post("/api/outbox/resume", OutboxQuery.guarded(this::resume));
  }

  private void find(ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query =
        OutboxQuery.of(request, OutboxQuery.filterAnd("after", "limit", "addresses"));
    Mail.Page page = admin.find(query.filter(), query.after(), query.limit());
    Map<String, Object> tree = Trees.page(page, pages.addresses(request));
    tree.put("readings", Trees.readings(admin.readings()));
    pages.json(request, response, tree);
  }

  private void show(ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery.of(request, List.of("addresses"));
    Mail.Details details = admin.show(request.path().pathParameters().get("id"));
    if (details == null) {
      none(request, response);
    } else {
      pages.json(request, response, Trees.details(details, pages.addresses(request)));
    }
  }

  private static void none(ServerRequest request, ServerResponse response) {
    new ProblemDetails(Status.NOT_FOUND_404, "no-such-mail", "there is no e-mail with this id")
        .send(request, response);
  }

  private void change(Action action, ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query = OutboxQuery.posted(request, OutboxQuery.filterAnd("dry_run"));
    Filter filter = OutboxActions.narrowed(query);
    boolean dry = query.is("dry_run");
    String who = pages.access().who(request);
    String id = filter.id();
    if (dry || id == null) {
      OutboxAdmin.Count count =
          dry
              ? admin.count(action, filter, OutboxActions.CAP)
              : actions.changeAll(action, filter, who);
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("dry_run", dry);
      tree.put("mails", count.mails());
      tree.put("more", count.more());
      pages.json(request, response, tree);
      return;
    }
    switch (admin.change(action, id, who)) {
      case OutboxAdmin.Outcome.Done() -> show(id, request, response);
      case OutboxAdmin.Outcome.NoSuchMail() -> none(request, response);
      case OutboxAdmin.Outcome.NotPossible(String why) ->
          new ProblemDetails(Status.CONFLICT_409, "not-possible", why).send(request, response);
    }
  }

  private void show(String id, ServerRequest request, ServerResponse response)
      throws AdminException, InterruptedException {
    Mail.Details details = admin.show(id);
    Map<String, Object> none = Map.of("id", id);
    pages.json(request, response, details == null ? none : Trees.details(details, false));
  }

  private void pause(ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery query = OutboxQuery.posted(request, List.of("for", "until"));
    actions.pause(query, pages.access().who(request));
    pages.json(request, response, Trees.readings(admin.readings()));
  }

  private void resume(ServerRequest request, ServerResponse response)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    OutboxQuery.posted(request, List.of());
    admin.resume(pages.access().who(request));
    pages.json(request, response, Trees.readings(admin.readings()));
  }
}
