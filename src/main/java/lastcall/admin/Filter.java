package lastcall.admin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which e-mails somebody looks for: those for which all of it is true.
 *
 * @param address the whole address
 * @param age so long ago, or longer, the user signed up
 * @param reason a part of the last failure's reason; capitals don't matter
 */
public record Filter(
    @Nullable String id,
    @Nullable String address,
    @Nullable State state,
    @Nullable Duration age,
    @Nullable String reason) {
  public static final Filter ALL = new Filter(null, null, null, null, null);

  public static Filter of(State state) {
    return new Filter(null, null, state, null, null);
  }

  /** Whether an action may follow it: one id and nothing else, or anything but an id. */
  public boolean narrow() {
    return id == null ? !equals(ALL) : equals(new Filter(id, null, null, null, null));
  }

  @Override
  public String toString() {
    return "Filter[" + id + ", " + state + ", " + age + "]"; // without address and reason
  }

  /** A part of a query, and its values. */
  record Condition(String text, List<Object> values) {}

  /** The column by which the index is ordered that finds these e-mails. */
  String key() {
    return id != null || address != null || state == null ? "created_at" : state.key;
  }

  /** What that index finds. */
  Condition indexed() {
    if (id != null) {
      return new Condition("id = ?", List.of(id));
    }
    if (address != null) { // an e-mail is stored in the same millisecond as its user, or told_at
      String of = " FROM users WHERE email_key = ?)";
      String text =
          ("created_at IN ((SELECT created_at" + of + ", (SELECT told_at" + of)
              + (") AND user_id = (SELECT id" + of);
      String key = address.toLowerCase(Locale.ROOT);
      return new Condition(text, List.of(key, key, key));
    }
    if (age != null && key().equals("created_at")) {
      return new Condition("created_at <= %1$s - ?", List.of(age.toMillis()));
    }
    return new Condition(state == null ? "created_at > 0" : state.indexed, List.of());
  }

  /**
   * What is then asked of each row; "" if the index has said it all.
   *
   * @param more a condition, or ""
   */
  Condition rest(String more) {
    List<String> terms = new ArrayList<>();
    List<Object> values = new ArrayList<>();
    if (state != null) {
      terms.add(id == null && address == null ? state.rest : state.whole());
    }
    if (id != null && address != null) {
      terms.add("user_id = (SELECT id FROM users WHERE email_key = ?)");
      values.add(address.toLowerCase(Locale.ROOT));
    }
    if (age != null) {
      terms.add("created_at <= %1$s - ?");
      values.add(age.toMillis());
    }
    if (reason != null) {
      terms.add("LOWER(last_error) LIKE ? ESCAPE '!'");
      values.add("%" + reason.toLowerCase(Locale.ROOT).replaceAll("[!%_]", "!$0") + "%");
    }
    terms.add(more.isEmpty() ? "" : "(" + more + ")");
    terms.removeIf(String::isEmpty);
    return new Condition(String.join(" AND ", terms), values);
  }
}
