package lastcall.management;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongPredicate;
import lastcall.admin.Action;
import lastcall.admin.AdminException;
import lastcall.admin.Filter;
import lastcall.admin.OutboxAdmin;
import lastcall.admin.Pause;
import lastcall.shutdown.Deadline;
import org.jspecify.annotations.Nullable;

/** What pages and JSON have in common: bounded, so that each request is answered in seconds. */
record OutboxActions(OutboxAdmin admin) {
  /** Counting ends here. */
  static final int CAP = 100_000;

  /** An action on many e-mails ends by then, and says that there are more. */
  private static final Duration LONGEST = Duration.ofSeconds(3);

  /** Nobody means all e-mails that there are, by leaving out what would narrow it. */
  static Filter narrowed(OutboxQuery query) throws OutboxQuery.Wrong {
    Filter filter = query.filter();
    if (filter.equals(Filter.ALL)) {
      throw new OutboxQuery.Wrong("name e-mails by id, address, state, older_than or reason");
    }
    return filter;
  }

  OutboxAdmin.Count changeAll(Action action, Filter filter, String by)
      throws AdminException, InterruptedException {
    Deadline end = Deadline.in(LONGEST);
    LongPredicate goOn = done -> !end.passed();
    return admin.changeAll(action, filter, by, goOn);
  }

  Pause pause(OutboxQuery query, String by)
      throws OutboxQuery.Wrong, AdminException, InterruptedException {
    Instant until = query.moment("until");
    @Nullable Duration length = query.span("for");
    if (length != null && until != null) {
      throw new OutboxQuery.Wrong("give for or until");
    }
    if (until != null) {
      length = Duration.between(admin.now(), until);
    }
    if (length != null && !length.isPositive()) {
      throw new OutboxQuery.Wrong("the end has to lie ahead");
    }
    return admin.pause(length, by);
  }
}
