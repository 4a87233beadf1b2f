package lastcall.lab;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lastcall.mail.SmtpListener;
import lastcall.mail.SmtpPhase;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.store.StoreEvent;
import lastcall.store.StoreListener;

/**
 * Ends the process at one point, as abruptly as SIGKILL but at a known place: no hook runs, nothing
 * is flushed or closed. It listens to what logs and tests hear; the service does not know of it.
 */
final class Crash implements DeliveryListener, StoreListener, SmtpListener {
  private static final Pattern FORM = Pattern.compile("([a-z0-9-]+)(?::([1-9][0-9]{0,5}))?");

  private final CrashPoint point;
  private final AtomicInteger left;
  private final Runnable halt;

  // Touched by the writer's thread only: what the open transaction holds.
  private boolean signups;
  private boolean results;

  /**
   * @param times the crash comes when the point is passed for this time, from 1 on
   * @param halt must not return
   */
  Crash(CrashPoint point, int times, Runnable halt) {
    this.point = point;
    this.left = new AtomicInteger(times);
    this.halt = halt;
  }

  /**
   * @param text such as {@code after-dot:3}, for the third time; without a number for the first
   * @throws IllegalArgumentException for a point that does not exist
   */
  static Crash parse(String text, Runnable halt) {
    Matcher parts = FORM.matcher(text);
    CrashPoint point = parts.matches() ? CrashPoint.named(parts.group(1)).orElse(null) : null;
    if (point == null) {
      String names =
          Arrays.stream(CrashPoint.values())
              .map(CrashPoint::spelled)
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          text + ": must be one of " + names + ", such as after-dot:3");
    }
    return new Crash(point, parts.group(2) == null ? 1 : Integer.parseInt(parts.group(2)), halt);
  }

  @Override
  public void on(StoreEvent event) {
    switch (event) {
      case StoreEvent.SignupsInserted(int users, int hidden) -> {
        signups |= users > 0;
        passed(CrashPoint.AFTER_INSERT, users > 0);
      }
      case StoreEvent.ResultsWritten ignored -> {
        results = true;
        passed(CrashPoint.IN_RESULTS, true);
      }
      case StoreEvent.Released ignored -> passed(CrashPoint.IN_RELEASE, true);
      case StoreEvent.Committing ignored -> passed(CrashPoint.BEFORE_COMMIT, signups);
      case StoreEvent.Committed ignored -> {
        passed(CrashPoint.AFTER_COMMIT, signups);
        passed(CrashPoint.AFTER_RESULTS, results);
        signups = false;
        results = false;
      }
      case StoreEvent.Closing ignored -> passed(CrashPoint.BEFORE_CLOSE, true);
    }
  }

  @Override
  public void on(DeliveryEvent event) {
    passed(CrashPoint.BEFORE_202, event instanceof DeliveryEvent.SignupStored);
    passed(CrashPoint.AFTER_CLAIM, event instanceof DeliveryEvent.Claimed);
  }

  @Override
  public void awaiting(SmtpPhase phase) {
    passed(CrashPoint.AFTER_DOT, phase == SmtpPhase.DOT);
  }

  @Override
  public void answered(SmtpPhase phase, int code) {
    passed(CrashPoint.AFTER_RCPT, phase == SmtpPhase.RCPT && code == 250);
    passed(CrashPoint.IN_DATA, phase == SmtpPhase.DATA && code == 354);
    passed(CrashPoint.AFTER_250, phase == SmtpPhase.DOT && code == 250);
  }

  private void passed(CrashPoint here, boolean really) {
    if (really && here == point && left.decrementAndGet() == 0) {
      halt.run();
    }
  }
}
