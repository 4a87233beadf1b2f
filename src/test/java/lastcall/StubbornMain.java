package lastcall;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import lastcall.config.AppConfig;
import lastcall.config.ConfigLoader;
import lastcall.http.PublicServer;
import lastcall.http.SignupEndpoint;
import lastcall.log.Logging;
import lastcall.mail.Mailer;
import lastcall.mail.SendOutcome;
import lastcall.mail.WelcomeMail;
import lastcall.outbox.DeliveryLogger;
import lastcall.shutdown.TerminationSignals;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.store.Database;
import lastcall.store.ProcessLock;
import lastcall.store.StoreListener;

/**
 * The service with two parts that ignore every interrupt: what is asked of handlers and mailers.
 */
public final class StubbornMain {
  private static final System.Logger LOG = System.getLogger("lastcall.stubborn");

  private StubbornMain() {}

  /** The arguments are a directory for the database, and the deadline. */
  public static void main(String[] args) throws Exception {
    Logging.install();
    Path directory = Path.of(args[0]);
    AppConfig config =
        new ConfigLoader(
                name -> null,
                Map.of(
                    "server.host", "127.0.0.1",
                    "server.port", "0",
                    "database.url", "jdbc:sqlite:" + directory.resolve("lastcall.db"),
                    "shutdown.deadline", args[1],
                    "shutdown.request-grace", "200ms",
                    "delivery.concurrency", "4",
                    "password.memory", "8KiB",
                    "password.iterations", "1",
                    "password.allow-weak", "true"))
            .load(null);
    TerminationSignals signals =
        new TerminationSignals(
            config.shutdown().deadline().plus(App.FORCE_AFTER_DEADLINE),
            status -> LOG.log(Level.ERROR, "stopped server", "forced", true, "status", status),
            Runtime.getRuntime()::halt);
    ProcessLock lock = ProcessLock.acquire(directory);
    Database database = Database.open(config.database(), StoreListener.NONE);
    Tally tally = new Tally();
    DeliveryLogger logger = new DeliveryLogger();
    Mailer mailer = new StubbornMailer();
    PasswordHasher hasher =
        new PasswordHasher(config.password(), config.shutdown().requestGrace().dividedBy(2));
    Sending sending =
        new OutboxSending(
            new SendingParts(
                config,
                hasher,
                database,
                mailer,
                event -> {
                  tally.on(event);
                  logger.on(event);
                }));
    PublicServer api =
        new PublicServer(
            config.server(),
            100,
            config.limits(),
            config.shutdown().requestGrace(),
            new SignupEndpoint(hasher, request -> handle(request, sending)));
    sending.start();
    api.start();
    LOG.log(Level.INFO, "starting server", "addr", "127.0.0.1:" + api.port());
    TerminationSignals.Received signal = signals.await();
    StopPhases phases =
        new StopPhases(
            config.shutdown(), signal, () -> {}, lock, api, database, sending, mailer, null, tally);
    System.exit(phases.sequence().run(signal.arrived()).status());
  }

  private static SignupOutcome handle(SignupRequest request, Sending sending) {
    SignupOutcome outcome = sending.signUp(request);
    if (request.email().startsWith("stubborn")) {
      never("handler");
    }
    return outcome;
  }

  private static void never(String who) {
    LOG.log(Level.INFO, "stubborn " + who);
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException ignored) {
        LOG.log(Level.INFO, "ignored interrupt", "who", who);
      }
    }
  }

  private static final class StubbornMailer implements Mailer {
    @Override
    public SendOutcome send(WelcomeMail mail, java.util.function.BooleanSupplier mayBegin) {
      never("send");
      throw new AssertionError("never");
    }

    @Override
    public void cutUnsent() {}

    @Override
    public void cutAll() {}

    @Override
    public void close() {}
  }
}
