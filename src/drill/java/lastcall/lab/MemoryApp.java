package lastcall.lab;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import lastcall.api.SignupEndpoint;
import lastcall.config.AppConfig;
import lastcall.http.Connections;
import lastcall.http.PublicServer;
import lastcall.kinds.MailKinds;
import lastcall.log.EventLog;
import lastcall.mail.AngusMailer;
import lastcall.mail.Mailer;
import lastcall.mail.SmtpListener;
import lastcall.shutdown.Deadline;
import lastcall.shutdown.ShutdownPhase;
import lastcall.shutdown.ShutdownSequence;
import lastcall.shutdown.TerminationSignals;
import lastcall.signup.PasswordHasher;

/** The service's own parts, but for the outbox and its store. */
final class MemoryApp {
  private static final EventLog LOG = EventLog.of(MemoryApp.class);

  private final AppConfig config;
  private final UserTable users;
  private final Mailer mailer;
  private final PasswordHasher hasher;
  private final MemoryTasks tasks;
  private final Strategy strategy;
  private final PublicServer api;

  MemoryApp(AppConfig config, Strategy strategy) throws SQLException, InterruptedException {
    this.config = config;
    this.strategy = strategy;
    AppConfig.Smtp smtp = config.smtp();
    int concurrency = config.delivery().concurrency();
    Path file = Objects.requireNonNull(config.database().file(), "SQLite only");
    users = new UserTable(config.database(), file);
    mailer =
        new AngusMailer(
            smtp, smtp.host(), smtp.port(), concurrency, MailKinds.ALL, SmtpListener.NONE);
    Duration grace = config.shutdown().requestGrace();
    hasher = new PasswordHasher(config.password(), grace.dividedBy(2));
    tasks = new MemoryTasks(hasher, users, mailer, smtp.domain(), concurrency, strategy);
    api =
        new PublicServer(
            config.server(),
            Connections.most(concurrency),
            config.limits(),
            grace,
            List.of(),
            new SignupEndpoint(hasher, tasks::signUp));
  }

  void start() {
    api.start();
    LOG.info("outbox opened recovered=%s owner=%s", 0, "-"); // a kill leaves nothing to recover
    LOG.info("starting server addr=%s", config.server().host() + ":" + api.port());
  }

  /** Returns the exit status: 1 if an e-mail was lost, or a request cut off. */
  int stop(TerminationSignals.Received signal) {
    Duration d = config.shutdown().deadline();
    Deadline deadline = signal.arrived().plus(d);
    int failed =
        new ShutdownSequence(
                List.of(
                    new ShutdownPhase("requests", "first", d, until -> endRequests(signal)),
                    new ShutdownPhase(
                        "strategy", "nothing is added any more", d, until -> drain(deadline)),
                    new ShutdownPhase("close", "last", d.plusMillis(600), until -> close())))
            .run(signal.arrived());
    int status = failed > 0 || api.cutOff() > 0 ? 1 : 0;
    LOG.info(
        "stopped server sent=%s released=%s later=%s unknown=%s unrecorded=%s cut_off=%s"
            + " refused=%s took=%s status=%s",
        tasks.sent(),
        0,
        0,
        tasks.unknown(),
        0,
        api.cutOff(),
        hasher.refused(),
        signal.arrived().elapsed(),
        status);
    return status;
  }

  private void endRequests(TerminationSignals.Received signal) throws InterruptedException {
    tasks.countEndings();
    LOG.info("shutting down server signal=%s", signal.name());
    api.leave();
    api.refuse();
    hasher.stop();
    api.stop();
  }

  private void drain(Deadline deadline) throws InterruptedException {
    LOG.info(
        "completing background tasks pending=%s in_flight=%s deadline=%s",
        tasks.pending(), tasks.inFlight(), deadline.remaining());
    strategy.stop(deadline);
  }

  private void close() throws SQLException {
    int lost = tasks.pending();
    mailer.close();
    users.close();
    if (lost > 0) { // a failure of the stop: nobody will ever send them
      throw new IllegalStateException(lost + " e-mails were in memory only: they are lost");
    }
  }
}
