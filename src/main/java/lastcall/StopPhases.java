package lastcall;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lastcall.config.AppConfig;
import lastcall.http.PublicServer;
import lastcall.mail.MailCatcher;
import lastcall.mail.Mailer;
import lastcall.shutdown.Deadline;
import lastcall.shutdown.DrainReport;
import lastcall.shutdown.ShutdownPhase;
import lastcall.shutdown.ShutdownSequence;
import lastcall.shutdown.TerminationSignals;
import lastcall.store.Database;
import lastcall.store.DatabaseException;
import lastcall.store.ProcessLock;
import org.jspecify.annotations.Nullable;

/**
 * The stop of this application, phase by phase, each with its bound from the signal. D is the
 * deadline: sends end by themselves until D − 1 s, those without their final dot are cut off then,
 * the others at D − 0.5 s; results are in by D + 0.5 s and everything is closed by D + 1 s. At D +
 * 1.5 s the process halts, whatever holds it.
 *
 * <p>The management server is in none of them: it answers until the process dies.
 */
final class StopPhases {
  private static final System.Logger LOG = System.getLogger(StopPhases.class.getName());

  private final AppConfig.Shutdown config;
  private final TerminationSignals.Received signal;
  private final Runnable notReady;
  private final @Nullable ProcessLock lock;
  private final PublicServer api;
  private final Database database;
  private final Sending sending;
  private final Mailer mailer;
  private final @Nullable MailCatcher catcher;
  private final Tally tally;
  private final Deadline deadline;
  private final int sentBefore;
  private final int unknownBefore;

  // Written by one phase, read by the report; volatile, since each phase has a thread of its own.
  private volatile int notSentBeforeCut;
  private volatile int unrecorded;
  private volatile int released;
  private volatile int later;

  StopPhases(
      AppConfig.Shutdown config,
      TerminationSignals.Received signal,
      Runnable notReady,
      @Nullable ProcessLock lock,
      PublicServer api,
      Database database,
      Sending sending,
      Mailer mailer,
      @Nullable MailCatcher catcher,
      Tally tally) {
    this.config = config;
    this.signal = signal;
    this.notReady = notReady;
    this.lock = lock;
    this.api = api;
    this.database = database;
    this.sending = sending;
    this.mailer = mailer;
    this.catcher = catcher;
    this.tally = tally;
    this.deadline = signal.arrived().plus(config.deadline());
    this.sentBefore = tally.sent();
    this.unknownBefore = tally.unknown();
  }

  ShutdownSequence sequence() {
    Duration d = config.deadline();
    // Half a second and more of slack in each: a stall of the machine is no fault of a phase.
    Duration announce = config.preStopDelay().plusMillis(1000);
    Duration requests =
        longer(announce, config.preStopDelay().plus(config.requestGrace()).plusMillis(500));
    Duration signups = requests.plusMillis(500);
    Duration sends = longer(signups, d.minusMillis(600)); // it ends by itself at D − 1 s
    Duration cut = longer(sends, d); // by itself at D − 250 ms
    return new ShutdownSequence(
        List.of(
            new ShutdownPhase(
                "announce",
                "first, so that balancers look away while we still serve",
                announce,
                this::announce),
            new ShutdownPhase(
                "requests",
                "before the drain, which could not end while requests bring new work",
                requests,
                until -> api.stop()),
            new ShutdownPhase(
                "sign-ups",
                "after the last request, so that nothing slips in behind the drain",
                signups,
                this::closeSignups),
            new ShutdownPhase(
                "drain",
                "now nothing is added any more: what is due can come to an end",
                sends,
                until -> sending.drain(deadline)),
            new ShutdownPhase(
                "cut", "nothing more is claimed, so these are the last sends", cut, this::cut),
            new ShutdownPhase(
                "release",
                "after the last send has ended, or another instance would send beside us",
                d.plusMillis(500),
                this::release),
            new ShutdownPhase(
                "close",
                "last, since all of the above needs them",
                d.plusMillis(1000),
                this::close)),
        this::report);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private void announce(Deadline until) throws Exception {
    LOG.log(Level.INFO, "shutting down server", "signal", signal.name());
    notReady.run();
    api.startDraining();
    try {
      if (lock != null) {
        lock.markDraining();
      }
    } finally { // balancers need their time, whatever happens to the lock
      Duration delay = signal.arrived().plus(config.preStopDelay()).remaining();
      TimeUnit.NANOSECONDS.sleep(delay.toNanos());
    }
  }

  private void closeSignups(Deadline until) throws InterruptedException {
    try {
      database.closeSignups(until.minus(Duration.ofMillis(100)).remaining());
    } catch (DatabaseException e) {
      // What still waited was withdrawn when its request was answered, or that counts as cut off.
      LOG.log(Level.WARNING, "sign-ups are closed, the database does not answer", "error", e);
    }
  }

  private void cut(Deadline until) throws Exception {
    notSentBeforeCut = tally.notSent();
    sending.cut(deadline);
  }

  private void release(Deadline until) throws Exception {
    Sending.Left left = sending.release(until);
    unrecorded = left.unrecorded();
    // What was cut has given itself back, and is no claim any more.
    released = Math.max(left.released(), tally.notSent() - notSentBeforeCut);
    later = (int) Math.max(0, left.later() - unknown() - unrecorded);
  }

  private void close(Deadline until) throws Exception {
    try (lock) {
      try {
        mailer.close();
        if (catcher != null) {
          catcher.close(); // after the last send, which went to it
        }
      } finally { // whatever fails above: the lock goes after the database
        database.close(until.minus(Duration.ofMillis(200)).remaining());
      }
    }
  }

  private int unknown() {
    return tally.unknown() - unknownBefore;
  }

  private DrainReport report(int failedPhases, Duration took) {
    int sent = tally.sent() - sentBefore;
    DrainReport report =
        new DrainReport(
            sent, released, later, unknown(), unrecorded, api.cutOff(), failedPhases, took);
    LOG.log(
        Level.INFO,
        "stopped server",
        "sent",
        report.sent(),
        "released",
        report.released(),
        "later",
        report.later(),
        "unknown",
        report.unknown(),
        "unrecorded",
        report.unrecorded(),
        "cut_off",
        report.cutOff(),
        "refused",
        api.refused(),
        "took",
        report.took().toMillis() + "ms",
        "status",
        report.status());
    return report;
  }
}
