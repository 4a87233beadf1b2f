package lastcall.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The form of the sign-up page as a browser sends it, {@code application/x-www-form-urlencoded}.
 *
 * @param key makes one user of all tries of one form
 */
record FormBody(String name, String email, String password, String key) {
  private static final Pattern KEY = Pattern.compile("[0-9a-f-]{32,36}");

  /** Returns null for what no browser sends that has loaded our page. */
  static @Nullable FormBody parse(byte[] body) {
    Map<String, String> values = new HashMap<>();
    try {
      for (String pair : new String(body, ISO_8859_1).split("&", -1)) {
        String[] parts = pair.split("=", 2);
        if (parts.length == 2) {
          values.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
        }
      }
    } catch (IllegalArgumentException e) {
      return null; // a % without two digits
    }
    String key = values.getOrDefault("key", "");
    boolean utf8 = values.values().stream().noneMatch(value -> value.indexOf('\uFFFD') >= 0);
    return utf8 && KEY.matcher(key).matches()
        ? new FormBody(
            values.getOrDefault("name", ""),
            values.getOrDefault("email", ""),
            values.getOrDefault("password", ""),
            key)
        : null;
  }

  /** An empty field is one that is missing: browsers send every field of a form. */
  SignupDraft draft() {
    return new SignupDraft(given(name), given(email), given(password));
  }

  private static @Nullable String given(String value) {
    return value.isEmpty() ? null : value;
  }

  FormBody withKey(String another) {
    return new FormBody(name, email, password, another);
  }

  @Override
  public String toString() {
    return "FormBody[]"; // a record's own toString would put the password into a log
  }
}
