package lastcall.lab;

import java.util.concurrent.atomic.AtomicInteger;
import lastcall.mail.SmtpListener;
import lastcall.mail.SmtpPhase;
import lastcall.outbox.DeliveryEvent;
import lastcall.outbox.DeliveryListener;
import lastcall.signup.SignupOutcome;
import lastcall.store.StoreEvent;
import lastcall.store.StoreListener;

/**
 * Ends the process at one point, as abruptly as SIGKILL but at a known place: no hook runs, nothing
 * is flushed or closed. It listens to what logs and tests hear; the service does not know of it.
 */
final class Crash implements DeliveryListener, StoreListener, SmtpListener {
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

  @Override
  public void on(StoreEvent event) {
    switch (event) {
      case StoreEvent.SignupsInserted(int users) -> {
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
    passed(CrashPoint.AFTER_CLAIM, event instanceof DeliveryEvent.Claimed);
  }

  void answering(SignupOutcome outcome) {
    passed(CrashPoint.BEFORE_202, outcome instanceof SignupOutcome.Accepted);
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
