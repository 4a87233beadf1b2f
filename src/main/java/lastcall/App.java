package lastcall;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import lastcall.config.AppConfig;
import lastcall.http.Connections;
import lastcall.http.PublicServer;
import lastcall.http.SignupEndpoint;
import lastcall.mail.AngusMailer;
import lastcall.mail.MailCatcher;
import lastcall.mail.Mailer;
import lastcall.management.ManagementServer;
import lastcall.management.Readiness;
import lastcall.outbox.DeliveryLogger;
import lastcall.shutdown.DrainReport;
import lastcall.shutdown.TerminationSignals;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.store.Database;
import lastcall.store.ProcessLock;
import org.jspecify.annotations.Nullable;

/** Every part, built in the order in which data flows back: what is used stands before its user. */
final class App {
  /** After the deadline, for what can't be hurried: the last commits, closing the files. */
  static final Duration FORCE_AFTER_DEADLINE = Duration.ofMillis(1500);

  private static final System.Logger LOG = System.getLogger(App.class.getName());

  private final AppConfig config;
  private final @Nullable ProcessLock lock;
  private final Database database;
  private final @Nullable MailCatcher catcher;
  private final Mailer mailer;
  private final Sending sending;
  private final PublicServer api;
  private final ManagementServer management;
  private volatile Readiness readiness = Readiness.STARTING;

  /** Opens the database and builds everything; nothing is served and nothing sent before start. */
  App(AppConfig config, @Nullable ProcessLock lock, Hooks hooks) throws IOException, SQLException {
    this.config = config;
    this.lock = lock;
    database = Database.open(config.database(), hooks.store());
    LOG.log(Level.INFO, "database connection pool established", "url", config.database().url());
    AppConfig.Smtp smtp = config.smtp();
    catcher =
        smtp.embedded()
            ? new MailCatcher(
                config.database().directory().resolve("mailbox"), 0, smtp.embeddedDelay())
            : null;
    int concurrency = config.delivery().concurrency();
    mailer =
        catcher == null
            ? new AngusMailer(smtp, smtp.host(), smtp.port(), concurrency, hooks.smtp())
            : new AngusMailer(smtp.plain(), "127.0.0.1", catcher.port(), concurrency, hooks.smtp());
    // Half of the grace for the wait, the rest for the hash, the commit and the answer.
    PasswordHasher hasher =
        new PasswordHasher(config.password(), config.shutdown().requestGrace().dividedBy(2));
    DeliveryLogger logger = new DeliveryLogger();
    sending =
        hooks
            .sending()
            .apply(
                new SendingParts(
                    config,
                    hasher,
                    database,
                    mailer,
                    event -> {
                      logger.on(event);
                      hooks.deliveries().on(event);
                    }));
    api =
        new PublicServer(
            config.server(),
            // The mail catcher has its end of each connection, and a file.
            Connections.most(smtp.embedded() ? 3 * concurrency : concurrency),
            config.limits(),
            config.shutdown().requestGrace(),
            new SignupEndpoint(
                hasher,
                request -> {
                  SignupOutcome outcome = sending.signUp(request);
                  hooks.answering().accept(outcome);
                  return outcome;
                }));
    management =
        new ManagementServer(
            config.management(),
            () -> api.listener().hopeless() ? Readiness.LISTENER_DOWN : Readiness.READY,
            this::readiness,
            () -> readiness != Readiness.STARTING);
  }

  private Readiness readiness() {
    Readiness now = readiness;
    if (now == Readiness.READY && !api.listener().listens()) {
      return Readiness.LISTENER_DOWN;
    }
    return now == Readiness.READY && !database.healthy() ? Readiness.DATABASE_DOWN : now;
  }

  /**
   * Serves, and sends what is left from before. Ports first: where one is taken, nothing has begun
   * that would have to be stopped.
   *
   * @param stopping asked before the API opens: told to stop by then, it stays closed
   */
  void start(BooleanSupplier stopping) throws Exception {
    mustBeFree("management.port", config.management().host(), config.management().port());
    mustBeFree("server.port", config.server().host(), config.server().port());
    management.start();
    if (stopping.getAsBoolean()) {
      return;
    }
    api.start();
    sending.start(lock != null && lock.afterAStop());
    if (catcher != null) {
      LOG.log(Level.WARNING, "embedded mail: nobody receives it");
    }
    readiness = Readiness.READY;
    LOG.log(
        Level.INFO,
        "starting server",
        "addr",
        config.server().host() + ":" + api.port(),
        "management",
        config.management().host() + ":" + management.port(),
        "env",
        config.env().name().toLowerCase(java.util.Locale.ROOT));
  }

  /** One clear line for the common case; Helidon's own error is a trace without the key. */
  private static void mustBeFree(String key, String host, int port) throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(
          true); // as the server's own, or a port in TIME_WAIT would count as taken
      probe.bind(new InetSocketAddress(host, port));
    } catch (IOException e) {
      throw new IOException(key + ": " + host + ":" + port + ": " + e.getMessage(), e);
    }
  }

  /** The stop, whole: see {@link StopPhases}. */
  DrainReport stop(TerminationSignals.Received signal) {
    StopPhases phases =
        new StopPhases(
            config.shutdown(),
            signal,
            () -> readiness = Readiness.DRAINING,
            lock,
            api,
            database,
            sending,
            mailer,
            catcher);
    return phases.sequence().run(signal.arrived());
  }
}
