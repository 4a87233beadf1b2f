package lastcall.config;

import io.helidon.config.Config;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads typed values and collects the mistakes in them, so that the user sees all at once. In place
 * of a wrong value its reader gets the lowest allowed one. Nothing is started with it, since {@link
 * #errors} is not empty then; but a rule about several keys must ask {@link #fine} first, or it
 * would report the same mistake again.
 */
final class ConfigValues {
  private static final Pattern AMOUNT =
      Pattern.compile("(\\d{1,9})\\s*([a-zA-Z]*)"); // even in GiB this fits a long

  private final Config config;
  private final Function<String, String> origin;
  private final Set<String> meant;
  private final List<String> errors = new ArrayList<>();
  private final Set<String> wrong = new HashSet<>();

  /**
   * @param origin where a key's value comes from, for the errors; "" for a default
   * @param meant keys that are set under a misspelt name: that is their one error
   */
  ConfigValues(Config config, Function<String, String> origin, Set<String> meant) {
    this.config = config;
    this.origin = origin;
    this.meant = meant;
  }

  List<String> errors() {
    return errors;
  }

  /** True if there is no error about any of these keys yet. */
  boolean fine(String... keys) {
    return Stream.of(keys).noneMatch(key -> wrong.contains(key) || meant.contains(key));
  }

  /** Notes an error about a key, with its value and what would do instead. */
  void wrong(String key, String wanted) {
    if (meant.contains(key)) {
      return;
    }
    wrong.add(key);
    boolean secret = key.endsWith("password") || key.endsWith("token");
    String value =
        secret
            ? "***"
            : text(key).replaceAll("(?i)(password=)[^&]*", "$1***").replaceAll("//.*@", "//***@");
    String hint =
        text(key).startsWith("tcp://")
            ? " (Kubernetes sets such a variable for a Service of that name: give the pod"
                + " enableServiceLinks: false, or the Service another name)"
            : "";
    errors.add(key + "=" + value + origin.apply(key) + ": " + wanted + hint);
  }

  String text(String key) {
    return raw(key).strip();
  }

  private String raw(String key) {
    return config.get(key).asString().orElse("");
  }

  /**
   * A password or token, as it was written: white space may be part of it. Or it is what the file
   * of key-file holds.
   */
  @Nullable String secret(String key) {
    String fileKey = key + "-file";
    String file = text(fileKey);
    String secret = raw(key);
    if (file.isEmpty()) {
      return secret.isEmpty() ? null : secret;
    }
    if (!secret.isEmpty()) {
      wrong(fileKey, key + " is set, too: set only one of the two");
      return null;
    }
    try {
      return SecretFile.read(Path.of(file));
    } catch (IOException e) {
      wrong(fileKey, "can't read the file: " + FileTrouble.words(e));
    } catch (InvalidPathException e) {
      wrong(fileKey, "must be the path of a file");
    }
    return null;
  }

  /** The key of the two that {@link #secret} reads which is set, for errors about the secret. */
  String secretKey(String key) {
    return text(key + "-file").isEmpty() ? key : key + "-file";
  }

  @Nullable String optional(String key) {
    String text = text(key);
    return text.isEmpty() ? null : text;
  }

  String required(String key) {
    if (text(key).isEmpty()) {
      wrong(key, "must not be empty");
    }
    return text(key);
  }

  /** A host's name or address. */
  String host(String key) {
    String host = required(key);
    if (host.matches(".*[/\\s].*|[^:]*:\\d+")) {
      wrong(key, "must be the name or the address of a host, without http:// and without a port");
    }
    return host;
  }

  int number(String key, int min, int max) {
    try {
      int value = Integer.parseInt(text(key)); // which takes the digits of all scripts
      if (value >= min && value <= max && text(key).chars().allMatch(c -> c < 128)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The error below is for a number out of range, too.
    }
    wrong(key, "must be a whole number from " + min + " to " + max);
    return min;
  }

  boolean flag(String key) {
    return choice(key, Flag.class) == Flag.TRUE;
  }

  private enum Flag {
    FALSE,
    TRUE
  }

  <E extends Enum<E>> E choice(String key, Class<E> type) {
    E[] all = type.getEnumConstants();
    for (E value : all) {
      if (spelled(value).equals(text(key))) {
        return value;
      }
    }
    List<String> choices = Arrays.stream(all).map(ConfigValues::spelled).toList();
    wrong(key, "must be " + String.join(" or ", choices));
    return all[0];
  }

  private static String spelled(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Duration duration(String key, Duration min, Duration max) {
    Duration value = parseDuration(text(key));
    if (value != null && value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
      return value;
    }
    wrong(
        key,
        "must be a duration from "
            + spelled(min)
            + " to "
            + spelled(max)
            + ", such as 500ms, 25s or PT25S");
    return min;
  }

  /** Null for no limit: an empty value, or {@code none}, since an empty variable is not set. */
  @Nullable Rate rate(String key) {
    String text = text(key);
    Rate rate = Rate.parse(text);
    if (rate == null && !text.isEmpty() && !text.equals("none")) {
      wrong(key, "must be a number for a time, such as 10/s, 120/min, 600/h or 5/day, or none");
    }
    return rate;
  }

  /** The values between commas and white space. */
  static List<String> list(String text) {
    return Stream.of(text.split("[,\\s]+", -1)).filter(each -> !each.isEmpty()).toList();
  }

  static String spelled(Duration d) {
    if (d.toMillis() % 1000 != 0) {
      return d.toMillis() + "ms";
    }
    if (d.toHours() >= 24 && d.equals(Duration.ofDays(d.toDays()))) {
      return d.toDays() + "d";
    }
    return d.toSeconds() % 60 != 0 || d.isZero() ? d.toSeconds() + "s" : d.toMinutes() + "m";
  }

  private static @Nullable Duration parseDuration(String text) {
    Matcher amount = AMOUNT.matcher(text);
    if (amount.matches()) {
      long n = Long.parseLong(amount.group(1));
      return switch (amount.group(2)) {
        case "ms" -> Duration.ofMillis(n);
        case "s" -> Duration.ofSeconds(n);
        case "m" -> Duration.ofMinutes(n);
        case "h" -> Duration.ofHours(n);
        case "d" -> Duration.ofDays(n);
        case "" -> n == 0 ? Duration.ZERO : null;
        default -> null;
      };
    }
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException | ArithmeticException e) {
      return null;
    }
  }

  /** A size in bytes. */
  int size(String key, int min, int max) {
    Matcher amount = AMOUNT.matcher(text(key));
    if (amount.matches()) {
      long unit =
          switch (amount.group(2)) {
            case "", "B" -> 1L;
            case "KiB" -> 1024L;
            case "MiB" -> 1024L * 1024;
            case "GiB" -> 1024L * 1024 * 1024;
            default -> -1L;
          };
      long n = Long.parseLong(amount.group(1));
      if (n * unit >= min && n * unit <= max) {
        return (int) (n * unit);
      }
    }
    wrong(
        key,
        "must be a size from "
            + min / 1024
            + "KiB to "
            + max / 1024
            + "KiB, such as 16KiB or 1MiB");
    return min;
  }
}
