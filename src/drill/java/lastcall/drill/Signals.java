package lastcall.drill;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a process gets: {@code TERM}, {@code TERM,TERM}, {@code TERM,KILL@30s}, {@code none}.
 *
 * @param second sent only if the process still lives by then
 * @param pause from the first to the second
 */
record Signals(String text, String first, @Nullable String second, Duration pause) {
  static final Pattern FORM =
      Pattern.compile("none|(TERM|INT|KILL)(?:,(TERM|INT|KILL)(?:@(\\d{1,6}(?:ms|s|m)))?)?");

  /**
   * A second one comes after a second unless told: the service takes a burst for one signal.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Signals parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(text + " is no signal");
    }
    String pause = form.group(3);
    String first = form.group(1);
    return new Signals(
        text,
        first == null ? "none" : first,
        form.group(2),
        Durations.parse(pause == null ? "1s" : pause));
  }

  boolean none() {
    return first.equals("none");
  }

  /** Whether the process may end without having given back what it had claimed. */
  boolean forces() {
    return first.equals("KILL") || second != null;
  }
}
