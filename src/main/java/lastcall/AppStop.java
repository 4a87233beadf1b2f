package lastcall;

import java.time.Duration;
import java.util.List;
import lastcall.config.AppConfig;
import lastcall.jfr.FlightEvents;
import lastcall.log.EventLog;
import lastcall.management.Readiness;
import lastcall.outbox.StopCounts;
import lastcall.shutdown.Deadline;
import lastcall.shutdown.ShutdownPhase;
import lastcall.shutdown.ShutdownSequence;
import lastcall.shutdown.TerminationSignals;
import lastcall.store.DatabaseException;

/**
 * The stop, phase by phase, each with its bound from the signal. D is the deadline: sends end by
 * themselves until D − 1 s, those without their final dot are cut then, the others at D − 0.5 s;
 * results are recorded by D + 0.3 s and everything is closed by D + 0.6 s, which leaves the JVM the
 * time that its exit takes. At D + 1.5 s the process is gone, whatever holds it.
 *
 * <p>The management server is in none of the phases: it answers until the process dies.
 */
final class AppStop {
  private static final EventLog LOG = EventLog.of(AppStop.class);

  /** EX_TEMPFAIL of sysexits.h: not all is done, nothing is lost, the next start does the rest. */
  static final int KEPT = 75;

  static final int FAILED = 1;

  /** A stall of the machine is no fault of a phase. */
  private static final Duration SLACK = Duration.ofMillis(500);

  /** For the writer to come to a call, when a phase begins behind its bound. */
  private static final Duration MOMENT = Duration.ofMillis(50);

  /** For the row that says how this stop ended; the close still needs some of its time. */
  private static final Duration RECORD = Duration.ofMillis(200);

  private final App app;
  private final TerminationSignals.Received signal;
  private final AppConfig.Shutdown config;
  private final Deadline deadline;
  // Volatile, since a phase writes it on a thread of its own.
  private volatile StopCounts left = StopCounts.NOTHING;

  AppStop(App app, AppConfig.Shutdown config, TerminationSignals.Received signal) {
    this.app = app;
    this.config = config;
    this.signal = signal;
    this.deadline = signal.arrived().plus(config.deadline());
  }

  /** Returns the exit status. */
  int run() {
    Duration d = config.deadline();
    Duration announce = config.preStopDelay().plus(SLACK).plus(SLACK);
    Duration requests =
        longer(announce, config.preStopDelay().plus(config.requestGrace()).plus(SLACK));
    Duration signups = requests.plus(SLACK);
    Duration drain = longer(signups, d.minusMillis(600)); // it ends by itself at D − 1 s
    Duration cut = longer(drain, d); // it ends by itself at D − 250 ms
    List<ShutdownPhase> phases =
        List.of(
            new ShutdownPhase(
                "announce",
                "first, so that balancers look away while we still serve",
                announce,
                until -> announce()),
            new ShutdownPhase(
                "requests",
                "before the drain, which could not end while requests bring new work",
                requests,
                until -> endRequests()),
            new ShutdownPhase(
                "sign-ups",
                "after the last request, so that nothing slips in behind the drain",
                signups,
                this::closeSignups),
            new ShutdownPhase(
                "drain",
                "now nothing is added any more: what is due can come to an end",
                drain,
                until -> app.outbox.drain(deadline)),
            new ShutdownPhase(
                "cut",
                "nothing more is claimed, so these are the last sends",
                cut,
                until -> app.outbox.cut(deadline)),
            new ShutdownPhase(
                "release",
                "after the last send has ended, or another instance would send beside us",
                d.plusMillis(300),
                until -> left = app.outbox.release(until)),
            new ShutdownPhase(
                "close",
                "last, since all of the above needs them",
                d.plusMillis(600),
                this::close));
    app.watch.stop().began(signal.name(), signal.arrived(), d, App.FORCE_AFTER_DEADLINE);
    List<ShutdownPhase> seen = FlightEvents.recorded(app.watch.stop().watched(phases));
    int failed = new ShutdownSequence(seen).run(signal.arrived());
    return report(failed);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private void announce() throws Exception {
    app.outbox.countEndings();
    LOG.info("shutting down server signal=%s", signal.name());
    app.readiness = Readiness.DRAINING;
    app.api.leave();
    try {
      if (app.lock != null) {
        app.lock.markDraining();
      }
    } finally { // balancers need their time, whatever happens to the lock
      Thread.sleep(signal.arrived().plus(config.preStopDelay()).remaining());
    }
  }

  private void endRequests() throws InterruptedException {
    app.api.refuse();
    // Sign-ups that wait for their password hash would be cut off, though nothing of theirs is
    // stored: they are answered now.
    app.hasher.stop();
    app.api.stop();
  }

  private void closeSignups(Deadline until) throws InterruptedException {
    try {
      // After a slow start this phase may begin behind its bound; the writer needs a moment even
      // so.
      Duration patience = longer(until.minus(Duration.ofMillis(100)).remaining(), MOMENT);
      app.database.closeSignups(patience);
    } catch (DatabaseException e) {
      // What still waited was withdrawn when its request was answered, or that counts as cut off.
      LOG.warn("sign-ups are closed, the database does not answer why=%s", e.getMessage());
    }
  }

  private void close(Deadline until) throws Exception {
    try (app.lock) {
      // Before the lock goes, behind which the next start may look for it.
      int status = status(left, app.api.cutOff(), app.watch.stop().failed());
      app.management.stopped(
          left, status, RECORD.compareTo(until.remaining()) < 0 ? RECORD : Duration.ZERO);
      try {
        app.mailer.close();
        if (app.catcher != null) {
          app.catcher.close(); // after the last send, which went to it
        }
      } finally { // whatever fails above: the lock goes after the database
        app.database.close(until.minus(Duration.ofMillis(200)).remaining());
      }
    }
  }

  private int report(int failedPhases) {
    int status = status(left, app.api.cutOff(), failedPhases);
    if (status == KEPT) {
      boolean late = deadline.minus(Duration.ofSeconds(2)).passed(); // the last claim is before
      LOG.warn(
          (late ? "deadline reached, " : "")
              + "e-mails are kept, the next start or another instance sends them kept=%s",
          left.released() + left.unknown() + left.unrecorded());
    }
    LOG.info(
        "stopped server sent=%s released=%s later=%s unknown=%s unrecorded=%s cut_off=%s"
            + " refused=%s took=%s status=%s",
        left.sent(),
        left.released(),
        left.later(),
        left.unknown(),
        left.unrecorded(),
        app.api.cutOff(),
        app.hasher.refused(),
        signal.arrived().elapsed(),
        status);
    return status;
  }

  /**
   * A failure outranks what is kept: 75 promises that all that was not done is kept, and after a
   * failure nobody can promise.
   */
  static int status(StopCounts left, int cutOff, int failedPhases) {
    if (cutOff > 0 || failedPhases > 0) {
      return FAILED;
    }
    return left.released() > 0 || left.unknown() > 0 || left.unrecorded() > 0 ? KEPT : 0;
  }
}
