package lastcall;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lastcall.admin.Retention;
import lastcall.api.SignupEndpoint;
import lastcall.api.SignupLimits;
import lastcall.background.BackgroundScope;
import lastcall.catcher.EmbeddedMail;
import lastcall.config.AppConfig;
import lastcall.config.PrivateFiles;
import lastcall.http.Connections;
import lastcall.http.PublicServer;
import lastcall.jfr.FlightEvents;
import lastcall.kinds.MailKinds;
import lastcall.log.EventLog;
import lastcall.mail.AngusMailer;
import lastcall.mail.Mailer;
import lastcall.mail.SmtpListener;
import lastcall.management.Management;
import lastcall.management.Readiness;
import lastcall.management.Watch;
import lastcall.outbox.DeliveryLogger;
import lastcall.outbox.Outbox;
import lastcall.shutdown.TerminationSignals;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupService;
import lastcall.store.Database;
import lastcall.store.StoreLogger;
import org.jspecify.annotations.Nullable;

/** Every part, built in the order in which data flows back: what is used stands before its user. */
final class App {
  /** After the deadline, for what can't be hurried: the last commits, closing the files. */
  static final Duration FORCE_AFTER_DEADLINE = Duration.ofMillis(1500);

  private static final EventLog LOG = EventLog.of(App.class);

  private final AppConfig config;
  // AppStop ends these, in its own order.
  final @Nullable ProcessLock lock;
  final Database database;
  final @Nullable EmbeddedMail catcher;
  final Mailer mailer;
  final PasswordHasher hasher;
  final Outbox outbox;
  final PublicServer api;
  volatile Readiness readiness = Readiness.STARTING;
  final Watch watch = new Watch();
  final Management management;
  private final Retention retention;

  /** Opens the database and builds everything; nothing is served and nothing sent before start. */
  App(
      AppConfig config,
      @Nullable ProcessLock lock,
      Listeners listeners,
      LongSupplier logLinesDropped)
      throws IOException, SQLException {
    this.config = config;
    this.lock = lock;
    AppConfig.Smtp smtp = config.smtp();
    int concurrency = config.delivery().concurrency();
    Path file = config.database().file();
    if (file != null) {
      SqliteLibrary.load(config.database().directory());
      PrivateFiles.file(file);
    }
    FlightEvents flight = new FlightEvents();
    StoreLogger storeLogger = new StoreLogger();
    database =
        Database.open(
            config.database(),
            event -> {
              storeLogger.on(event);
              watch.metrics().on(event);
              flight.on(event);
              listeners.store().on(event);
            });
    if (file != null) { // and not before: only now we know that it is a database of ours
      Stream.of("", "-wal", "-shm")
          .map(end -> file.resolveSibling(file.getFileName() + end))
          .forEach(PrivateFiles::closeToOthers);
    }
    LOG.info(
        "database connection pool established url=%s connections=%s", config.database().url(), 1);
    catcher =
        smtp.embedded()
            ? new EmbeddedMail(mailbox(config.database()), 0, smtp.embeddedDelay())
            : null;
    AppConfig.Smtp mode = catcher == null ? smtp : smtp.plain();
    String host = catcher == null ? smtp.host() : "127.0.0.1";
    int port = catcher == null ? smtp.port() : catcher.port();
    AngusMailer angus =
        new AngusMailer(
            mode,
            host,
            port,
            concurrency,
            MailKinds.ALL,
            SmtpListener.both(watch.sends(), listeners.smtp()));
    mailer = angus;
    DeliveryLogger logger = new DeliveryLogger(host, port);
    String owner = UUID.randomUUID().toString();
    outbox =
        new Outbox(
            config.delivery(),
            config.shutdown().drain(),
            database.outbox(owner),
            mailer,
            new BackgroundScope(
                "send", concurrency, thrown -> LOG.error(thrown, "background task failed")),
            event -> {
              logger.on(event);
              watch.on(event);
              flight.on(event);
              listeners.deliveries().on(event);
            });
    // Half of the grace for the wait, the rest for the hash, the commit and the answer.
    hasher = new PasswordHasher(config.password(), config.shutdown().requestGrace().dividedBy(2));
    SignupService signups =
        new SignupService(
            hasher,
            database.signups(
                owner, config.delivery().lease(), outbox, config.signup().hidesTaken()),
            smtp.domain(),
            outbox::signupStored);
    api =
        new PublicServer(
            config.server(),
            // The mail catcher has its end of each connection, and a file.
            Connections.most(smtp.embedded() ? 3 * concurrency : concurrency),
            config.limits(),
            config.shutdown().requestGrace(),
            List.of(watch.activity(), watch.metrics()),
            new SignupEndpoint(
                hasher,
                watch.metrics().counted(signups::signUp),
                new SignupLimits(config.clients(), watch.metrics()::limited)));
    management =
        new Management(
            config,
            owner,
            Main.version(),
            watch,
            new Management.Sources(
                () -> api.listener().hopeless() ? Readiness.LISTENER_DOWN : Readiness.READY,
                this::readiness,
                () -> readiness != Readiness.STARTING,
                database::healthy,
                api::inFlight,
                hasher::callers,
                hasher::refused,
                outbox::inFlight,
                angus::connections,
                logLinesDropped),
            catcher);
    retention = new Retention(config.database(), config.retention());
    watch.metrics().look(retention);
  }

  static Path mailbox(AppConfig.Store database) {
    return database.directory().resolve("mailbox");
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
   * @param stopping asked before the API opens; true leaves it closed
   */
  void start(BooleanSupplier stopping) throws Exception {
    String errors =
        Stream.of(
                StartFailure.listening(
                    "management", config.management().host(), config.management().port()),
                StartFailure.listening("server", config.server().host(), config.server().port()))
            .filter(Objects::nonNull)
            .collect(Collectors.joining("; and "));
    if (!errors.isEmpty()) {
      throw new IOException(errors);
    }
    management.start();
    if (stopping.getAsBoolean()) {
      return;
    }
    api.start();
    outbox.start(lock != null && lock.afterAStop());
    if (catcher != null) {
      LOG.warn(
          "embedded mail: e-mails are written to files, nobody receives them directory=%s",
          mailbox(config.database()));
    }
    readiness = Readiness.READY;
    management.serving();
    retention.start();
    LOG.info(
        "starting server addr=%s management=%s env=%s",
        config.server().host() + ":" + api.port(),
        config.management().host() + ":" + management.port(),
        config.env().name().toLowerCase(Locale.ROOT));
    LOG.info("serving url=%s", url(config.server().host(), api.port()));
  }

  /** What a person on this machine types into a browser. */
  static String url(String host, int port) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    String literal = host.contains(":") ? "[" + host + "]" : host;
    return "http://" + (any ? "localhost" : literal) + ":" + port;
  }

  /** The stop; returns the exit status. */
  int stop(TerminationSignals.Received signal) {
    retention.stop(); // first, so that its connection is closed by the time the database is
    return new AppStop(this, config.shutdown(), signal).run();
  }
}
