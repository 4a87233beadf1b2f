package lastcall.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The outbox as maps and lists, the same for commands, pages and JSON; and their times. */
public final class Trees {
  private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})(s|m|h|d)");
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private Trees() {}

  /**
   * @param whole shows addresses, also those in what a mail server said; they are masked otherwise
   */
  public static Map<String, Object> mail(Mail mail, boolean whole) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("id", mail.id());
    tree.put("state", mail.state().word());
    tree.put("kind", mail.kind());
    tree.put("address", whole ? mail.address() : Addresses.mask(mail.address()));
    tree.put("user_id", mail.userId());
    tree.put("created_at", instant(mail.createdAt()));
    tree.put("due_at", instant(mail.dueAt()));
    tree.put("ended_at", instant(mail.endedAt()));
    tree.put("attempts", mail.attempts());
    tree.put("unknowns", mail.unknowns());
    tree.put("owner", mail.owner());
    tree.put("reason", mail.reason() == null ? null : reason(mail.reason(), whole));
    tree.put("traceparent", mail.traceparent());
    return tree;
  }

  public static Map<String, Object> page(Mail.Page page, boolean whole) {
    Mail.Cursor next = page.next();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("mails", page.mails().stream().map(mail -> mail(mail, whole)).toList());
    tree.put("next", next == null ? null : next.text());
    return tree;
  }

  public static Map<String, Object> details(Mail.Details details, boolean whole) {
    Map<String, Object> tree = mail(details.mail(), whole);
    tree.put("tries", details.attempts().stream().map(each -> attempt(each, whole)).toList());
    return tree;
  }

  private static Map<String, Object> attempt(Mail.Attempt attempt, boolean whole) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("attempt", attempt.number());
    tree.put("tries", attempt.tries());
    tree.put("ended_at", instant(attempt.endedAt()));
    tree.put("owner", attempt.owner());
    tree.put("state", attempt.state());
    tree.put("reason", reason(attempt.reason(), whole));
    return tree;
  }

  /** Many a mail server repeats the recipient in its reply. */
  public static String reason(String reason, boolean whole) {
    return MaskedText.unless(whole).apply(reason);
  }

  public static Map<String, Object> readings(Readings readings) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("at", instant(readings.at()));
    for (State state : State.values()) {
      if (state != State.SENT) {
        tree.put(state.word(), readings.count(state));
      }
    }
    tree.put("cap", Readings.CAP);
    tree.put("oldest_created_at", instant(readings.oldestCreatedAt()));
    tree.put("oldest_due_at", instant(readings.oldestDueAt()));
    tree.put("pause", pause(readings.pause()));
    return tree;
  }

  public static @Nullable Map<String, Object> pause(@Nullable Pause pause) {
    if (pause == null) {
      return null;
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("since", instant(pause.at()));
    tree.put("until", pause.end());
    tree.put("by", pause.by());
    return tree;
  }

  private static @Nullable Instant instant(@Nullable Long millis) {
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  /** Such as {@code 90s}, {@code 15m}, {@code 2h}, {@code 7d}; null if it is none. */
  public static @Nullable Duration span(String text) {
    Matcher span = SPAN.matcher(text);
    if (!span.matches()) {
      return null;
    }
    long n = Long.parseLong(span.group(1));
    return switch (span.group(2)) {
      case "s" -> Duration.ofSeconds(n);
      case "m" -> Duration.ofMinutes(n);
      case "h" -> Duration.ofHours(n);
      default -> Duration.ofDays(n);
    };
  }

  /** RFC 3339, with its offset; null if it is none, or beyond the year 9999. */
  public static @Nullable Instant moment(String text) {
    try {
      Instant moment = Instant.parse(text);
      return moment.isAfter(LATEST) || moment.isBefore(Instant.EPOCH) ? null : moment;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
