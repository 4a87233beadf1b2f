package lastcall.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every key with its default and its reason, read from application.yaml, so that it stays true. */
public final class ConfigHelp {
  /** Two blanks for each level, the name, the default if this is a key, and the comment. */
  private static final Pattern LINE =
      Pattern.compile("((?:  )*)([a-z-]+):(?: ([^# ]\\S*))?(?: *# (.*))?");

  private static final Pattern COMMENT = Pattern.compile(" *# (.*)");

  private ConfigHelp() {}

  public static String text() {
    StringBuilder help = new StringBuilder();
    List<String> path = new ArrayList<>();
    for (String line : yaml().lines().toList()) {
      Matcher matched = LINE.matcher(line);
      Matcher comment = COMMENT.matcher(line);
      if (matched.matches()) {
        path.subList(matched.group(1).length() / 2, path.size()).clear();
        path.add(matched.group(2));
        String name = String.join(".", path);
        String value = matched.group(3);
        String reason = matched.group(4);
        if (value != null) {
          help.append("  ").append(name).append('=').append(value.replace("\"\"", "")).append('\n');
          help.append(reason == null ? "" : "      " + reason + "\n");
        } else if (reason != null) {
          help.append("  ").append(name).append(": ").append(reason).append('\n');
        }
      } else if (comment.matches()) { // at the head, or a reason that goes on
        help.append(path.isEmpty() ? "" : "      ").append(comment.group(1)).append('\n');
      } else {
        help.append('\n');
      }
    }
    return help.toString();
  }

  static String yaml() {
    try (InputStream in = ConfigHelp.class.getResourceAsStream("/application.yaml")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
