package lastcall.lab;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lastcall.Hooks;
import lastcall.Sending;
import lastcall.SendingParts;
import lastcall.config.AppConfig;
import lastcall.config.ConfigException;

/** What {@code lab.*} puts into the service. */
public final class Lab {
  /** The exit status after a crash on purpose: no other end of the service has it. */
  public static final int CRASHED = 86;

  private static final Pattern CRASH_AT = Pattern.compile("([a-z0-9-]+)(?::([1-9][0-9]{0,5}))?");

  private Lab() {}

  /**
   * @throws ConfigException for a crash point that does not exist
   */
  public static Hooks hooks(AppConfig.Lab config) throws ConfigException {
    Hooks none = Hooks.none();
    boolean memory = config.queue() == AppConfig.Queue.MEMORY;
    Function<SendingParts, Sending> sending = memory ? MemorySending::new : none.sending();
    String crashAt = config.crashAt();
    if (crashAt == null) {
      return new Hooks(none.deliveries(), none.store(), none.smtp(), none.answering(), sending);
    }
    Crash crash = crash(crashAt);
    return new Hooks(crash, crash, crash, crash::answering, sending);
  }

  private static Crash crash(String text) throws ConfigException {
    Matcher parts = CRASH_AT.matcher(text);
    CrashPoint point = parts.matches() ? CrashPoint.named(parts.group(1)).orElse(null) : null;
    if (point == null) {
      String names =
          Arrays.stream(CrashPoint.values())
              .map(CrashPoint::spelled)
              .collect(Collectors.joining(", "));
      throw new ConfigException(
          List.of("lab.crash-at=" + text + ": must be one of " + names + ", such as after-dot:3"));
    }
    int times = parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2));
    return new Crash(point, times, () -> Runtime.getRuntime().halt(CRASHED));
  }
}
