package lastcall.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import lastcall.http.JsonBody;
import lastcall.signup.User;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads exactly {@code {"name":"…","email":"…","password":"…"}} and writes answers. Whatever is not
 * that object is refused with a detail that says where; fields may be missing, since validation
 * tells of all wrong fields at once.
 */
final class SignupJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final Set<String> FIELDS = Set.of("name", "email", "password");

  private SignupJson() {}

  sealed interface Parsed {}

  record Draft(SignupDraft draft) implements Parsed {}

  /**
   * @param detail for the client; it repeats nothing of the body, which may hold a password
   */
  record Malformed(String detail) implements Parsed {}

  static Parsed parse(byte[] body) {
    if (body.length == 0) {
      return new Malformed("the body is empty, or its Content-Length is missing");
    }
    // Decoded here, since the parser would also take UTF-16 and UTF-32. Bytes that are not valid
    // become U+FFFD, and that becomes other bytes.
    String text = new String(body, UTF_8);
    if (!Arrays.equals(text.getBytes(UTF_8), body)) {
      return new Malformed("the body is not valid UTF-8");
    }
    String json = text.startsWith("\uFEFF") ? text.substring(1) : text; // a byte order mark
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      return object(parser);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      return new Malformed(
          at == null
              ? "the body is not valid JSON"
              : "the body is not valid JSON, or repeats a field, at " + place(at));
    }
  }

  private static Parsed object(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return new Malformed("the body must be one JSON object");
    }
    Map<String, String> values = new HashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      if (!FIELDS.contains(field)) {
        return new Malformed(
            "unknown field at "
                + place(parser.currentTokenLocation())
                + "; known are name, email and password");
      }
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        return new Malformed(
            "the value of "
                + field
                + " must be a string, at "
                + place(parser.currentTokenLocation()));
      }
      String value = parser.getString();
      if (!value.equals(new String(value.getBytes(UTF_8), UTF_8))) {
        return new Malformed("the value of " + field + " holds half a surrogate pair");
      }
      values.put(field, value);
    }
    if (parser.nextToken() != null) {
      return new Malformed(
          "something follows the JSON object, at " + place(parser.currentTokenLocation()));
    }
    return new Draft(
        new SignupDraft(values.get("name"), values.get("email"), values.get("password")));
  }

  private static String place(TokenStreamLocation at) {
    return "line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  static byte[] accepted(User user) {
    return JsonBody.of(json ->
        json.writeStartObject()
            .writeObjectPropertyStart("user")
            .writeStringProperty("id", user.id())
            .writeStringProperty("created_at", user.createdAt().toString())
            .writeStringProperty("name", user.name())
            .writeStringProperty("email", user.email())
            .writeEndObject()
            .writeEndObject());
  }
}
