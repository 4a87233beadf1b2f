package lastcall.drill;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the process gets: {@code TERM}, {@code TERM,TERM}, {@code TERM,KILL@30s}.
 *
 * @param second sent only if the process still lives by then
 * @param pause from the first to the second
 */
record Signals(String text, String first, @Nullable String second, Duration pause) {
  private static final Pattern FORM =
      Pattern.compile("(TERM|INT|KILL)(?:,(TERM|INT|KILL)(?:@(\\w+))?)?");

  /** Later than the burst that the service takes for one signal. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Null if it is none. */
  static @Nullable Signals parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return null;
    }
    String delay = form.group(3);
    Duration pause = delay == null ? PAUSE : Durations.parse(delay);
    return pause == null ? null : new Signals(text, form.group(1), form.group(2), pause);
  }

  /** Whether the process may end without having given back what it had claimed. */
  boolean forces() {
    return first.equals("KILL") || second != null;
  }
}
