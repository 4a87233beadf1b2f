package lastcall.management;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lastcall.catcher.Trouble;
import lastcall.http.ProblemDetails.FieldError;

/** Trouble as fields of a form or of JSON. */
final class TroubleFields {
  private static final Set<String> KNOWN = Set.of("delay", "at", "kind", "reply", "share", "next");
  private static final Pattern DELAY = Pattern.compile("(\\d{1,6})(ms|s|m)");
  private static final Pattern REPLY = Pattern.compile("[45]\\d\\d( [ -~]{0,200})?");
  private static final Duration MOST = Duration.ofMinutes(10);
  private static final String USUAL = "451 4.3.0 trouble that was asked for";

  private final Map<String, String> fields;
  private final List<FieldError> errors = new ArrayList<>();

  /**
   * @param fields by name; one that is missing or empty has its default
   */
  TroubleFields(Map<String, String> fields) {
    this.fields = fields;
  }

  List<FieldError> errors() {
    return errors;
  }

  /** What the fields say; if there are errors it means nothing. */
  Trouble trouble() {
    fields.keySet().stream()
        .filter(name -> !KNOWN.contains(name))
        .forEach(name -> error(name, "unknown; there are delay, at, kind, reply, share, next"));
    String reply = value("reply", "");
    Trouble.Kind kind = one(Trouble.Kind.values(), "kind", reply.isEmpty() ? "nothing" : "refuse");
    if (kind == Trouble.Kind.REFUSE && reply.isEmpty()) {
      reply = USUAL;
    }
    if (kind == Trouble.Kind.REFUSE && !REPLY.matcher(reply).matches()) {
      error("reply", "must be a code from 400 to 599 and a text in ASCII, such as " + USUAL);
    }
    Duration delay = delay(value("delay", "0s"));
    if (kind == Trouble.Kind.NOTHING && delay.isZero()) {
      error("kind", "must be refuse, silence or drop, or delay must be more than 0s");
    }
    Trouble.Step at = one(Trouble.Step.values(), "at", "dot");
    return new Trouble(
        delay, at, kind, reply, share(value("share", "1")), next(value("next", "0")));
  }

  private String value(String name, String missing) {
    String value = fields.getOrDefault(name, "").strip();
    return value.isEmpty() ? missing : value;
  }

  private void error(String name, String detail) {
    errors.add(new FieldError("/" + name, detail));
  }

  private <T extends Enum<T>> T one(T[] all, String name, String missing) {
    String value = value(name, missing);
    List<String> words = new ArrayList<>();
    for (T each : all) {
      if (spelled(each).equals(value)) {
        return each;
      }
      words.add(spelled(each));
    }
    error(name, "must be one of " + String.join(", ", words));
    return all[0];
  }

  private Duration delay(String value) {
    Matcher parts = DELAY.matcher(value);
    if (parts.matches()) {
      long amount = Long.parseLong(parts.group(1));
      Duration delay =
          switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
          };
      if (delay.compareTo(MOST) <= 0) {
        return delay;
      }
    }
    error("delay", "must be from 0s to 10m, such as 500ms or 2s");
    return Duration.ZERO;
  }

  private double share(String value) {
    if (value.matches("0?\\.\\d{1,6}|0\\.\\d{1,6}|1(\\.0+)?") && Double.parseDouble(value) > 0) {
      return Double.parseDouble(value);
    }
    error("share", "must be more than 0 and at most 1, such as 0.25");
    return 1;
  }

  private int next(String value) {
    if (value.matches("\\d{1,6}")) {
      return Integer.parseInt(value);
    }
    error("next", "must be from 0, for no end, to 999999");
    return 0;
  }

  private static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, Object> tree(Trouble trouble) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("on", !trouble.equals(Trouble.NONE));
    tree.put("delay", trouble.delay().toMillis() + "ms");
    tree.put("at", spelled(trouble.at()));
    tree.put("kind", spelled(trouble.kind()));
    tree.put("reply", trouble.reply());
    tree.put("share", trouble.share());
    tree.put("next", trouble.next());
    tree.put("text", text(trouble));
    return tree;
  }

  /** For people. */
  static String text(Trouble trouble) {
    boolean on = trouble.kind() != Trouble.Kind.NOTHING;
    String who = trouble.share() < 1 ? "a share of " + trouble.share() : "all";
    String which = trouble.next() > 0 ? "the next " + trouble.next() : who;
    String what =
        switch (trouble.kind()) {
          case NOTHING -> "";
          case REFUSE -> "refuses " + which + " with " + trouble.reply();
          case SILENCE -> "falls silent at " + which;
          case DROP -> "drops the connection at " + which;
        };
    String where =
        switch (trouble.at()) {
          case CONNECT -> ", when a client connects";
          case RCPT -> ", after RCPT";
          case DOT -> ", after the final dot";
          case ANY -> ", at any step";
        };
    String delay =
        trouble.delay().isZero()
            ? ""
            : "answers the final dot after " + Times.words(trouble.delay().toMillis());
    return delay + (on && !delay.isEmpty() ? "; " : "") + (on ? what + where : "");
  }
}
