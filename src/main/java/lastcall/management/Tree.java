package lastcall.management;

import java.util.List;
import java.util.Map;
import lastcall.http.JsonBody;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Data as pages and JSON both take it: maps, lists, text, numbers, true and false, null. So what a
 * page shows and what the API says can't differ.
 */
public final class Tree {
  private Tree() {}

  public static byte[] json(Object tree) {
    return JsonBody.of(json -> write(json, tree));
  }

  private static void write(JsonGenerator json, @Nullable Object value) {
    switch (value) {
      case null -> json.writeNull();
      case Map<?, ?> map -> {
        json.writeStartObject();
        map.forEach((name, each) -> {
          json.writeName(name.toString());
          write(json, each);
        });
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        list.forEach(each -> write(json, each));
        json.writeEndArray();
      }
      case Boolean flag -> json.writeBoolean(flag);
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Double number -> json.writeNumber(number);
      default -> json.writeString(value.toString());
    }
  }
}
