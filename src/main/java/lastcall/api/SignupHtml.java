package lastcall.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import lastcall.http.ProblemDetails.FieldError;

/** The HTML of the sign-up page: the form, the thanks, and short notices such as "no such page". */
final class SignupHtml {
  /**
   * A field of the form.
   *
   * @param verbatim true where a phone's keyboard must not improve what is typed
   */
  private record Field(
      String id,
      String label,
      String type,
      String autocomplete,
      String inputmode,
      boolean verbatim,
      String hint) {
    String pointer() {
      return "/" + id;
    }
  }

  private static final List<Field> FIELDS =
      List.of(
          new Field("name", "Name", "text", "name", "text", false, "We greet you with it."),
          new Field("email", "E-mail", "text", "email", "email", true, "We write to you once."),
          new Field(
              "password",
              "Password",
              "password",
              "new-password",
              "text",
              true,
              "8 to 128 characters."));

  private final Template template;
  private final String assets;

  SignupHtml(SignupAssets assets) {
    this.assets = assets.path();
    this.template =
        Mustache.compiler().compile(new String(SignupAssets.read("sign-up.html"), UTF_8));
  }

  /** The form as nobody has touched it yet. */
  void emptyForm(ServerRequest request, ServerResponse response, Status status, String alert) {
    form(request, response, status, alert, newForm(), List.of());
  }

  static FormBody newForm() {
    return new FormBody("", "", "", UUID.randomUUID().toString());
  }

  /**
   * The form with what was typed, but for the password.
   *
   * @param alert what went wrong, in a sentence; "" for nothing
   * @param errors of single fields
   */
  void form(
      ServerRequest request,
      ServerResponse response,
      Status status,
      String alert,
      FormBody typed,
      List<FieldError> errors) {
    Map<String, String> values =
        Map.of("name", typed.name(), "email", typed.email(), "password", "");
    String first = errors.isEmpty() ? "" : errors.getFirst().pointer();
    List<Map<String, Object>> fields =
        FIELDS.stream()
            .map(field ->
                field(field, values.getOrDefault(field.id(), ""), error(field, errors), first))
            .toList();
    Map<String, Object> model = new HashMap<>();
    model.put("title", alert.isEmpty() ? "Sign up" : "Not signed up yet");
    model.put("form", true);
    model.put("key", typed.key());
    model.put("fields", fields);
    model.put("alerting", !alert.isEmpty());
    model.put("alert", alert);
    model.put("wrong", !errors.isEmpty());
    send(request, response, status, model);
  }

  private static Map<String, Object> field(Field field, String value, String error, String first) {
    Map<String, Object> model = new HashMap<>();
    model.put("id", field.id());
    model.put("label", field.label());
    model.put("type", field.type());
    model.put("autocomplete", field.autocomplete());
    model.put("inputmode", field.inputmode());
    model.put("verbatim", field.verbatim());
    model.put("hint", field.hint());
    model.put("value", value);
    model.put("error", error);
    model.put("invalid", !error.isEmpty());
    model.put("focus", field.pointer().equals(first));
    return model;
  }

  private static String error(Field field, List<FieldError> errors) {
    return errors.stream()
        .filter(error -> error.pointer().equals(field.pointer()))
        .map(error -> field.label() + " " + error.detail())
        .findFirst()
        .orElse("");
  }

  void thanks(ServerRequest request, ServerResponse response, String email) {
    send(
        request,
        response,
        Status.ACCEPTED_202,
        new HashMap<>(Map.of("title", "Thank you", "to", email)));
  }

  /** A page that says one thing. */
  void notice(
      ServerRequest request, ServerResponse response, Status status, String title, String text) {
    send(
        request,
        response,
        status,
        new HashMap<>(Map.of("title", title, "notice", true, "message", text)));
  }

  private void send(
      ServerRequest request, ServerResponse response, Status status, Map<String, Object> model) {
    model.put("assets", assets);
    for (String flag : List.of("form", "notice")) {
      model.putIfAbsent(flag, false);
    }
    model.putIfAbsent("to", "");
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, "text/html; charset=utf-8");
    // Scripts, styles and requests of ours only, and no frame of another site around a form.
    response.header(
        HeaderNames.create("Content-Security-Policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src"
            + " 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
    // Not no-referrer: browsers would send "Origin: null" with our own form.
    response.header(HeaderNames.create("Referrer-Policy"), "same-origin");
    // A shared cache would give two people the same key. no-store would make Back forget the form.
    response.header(HeaderNames.CACHE_CONTROL, "private, no-cache");
    response.send(
        request.prologue().method().equals(Method.HEAD)
            ? new byte[0]
            : template.execute(model).getBytes(UTF_8));
  }
}
