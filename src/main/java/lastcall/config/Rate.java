package lastcall.config;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** So many in that time, such as {@code 120/min}. */
public record Rate(int count, Duration per) {
  private static final Pattern FORM = Pattern.compile("([1-9]\\d{0,5})/(s|min|h|day)");

  /** Null if the text is none. */
  static @Nullable Rate parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return null;
    }
    Duration per =
        switch (form.group(2)) {
          case "s" -> Duration.ofSeconds(1);
          case "min" -> Duration.ofMinutes(1);
          case "h" -> Duration.ofHours(1);
          default -> Duration.ofDays(1);
        };
    return new Rate(Integer.parseInt(form.group(1)), per);
  }
}
