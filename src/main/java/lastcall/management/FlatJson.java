package lastcall.management;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A JSON object of text and numbers, as the body of a request. */
final class FlatJson {
  private static final JsonFactory JSON = new JsonFactory();

  private FlatJson() {}

  /** The fields as text, null if it is anything else. */
  static @Nullable Map<String, String> parse(byte[] body) {
    Map<String, String> fields = new LinkedHashMap<>();
    String text = new String(body, StandardCharsets.UTF_8);
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      boolean good = parser.nextToken() == JsonToken.START_OBJECT;
      while (good && parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        good = parser.nextToken().isScalarValue() && fields.put(name, parser.getString()) == null;
      }
      return good && parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null
          ? fields
          : null;
    } catch (JacksonException e) {
      return null;
    }
  }
}
