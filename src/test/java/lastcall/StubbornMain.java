package lastcall;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import lastcall.config.AppConfig;
import lastcall.config.ConfigLoader;
import lastcall.log.Logging;
import lastcall.mail.Mailer;
import lastcall.mail.SendOutcome;
import lastcall.mail.WelcomeMail;
import lastcall.signup.SignupOutcome;

/**
 * The service as it ships, but for two parts that ignore every interrupt: the handler of one
 * address, and what sends e-mails.
 */
public final class StubbornMain {
  private static final System.Logger LOG = System.getLogger("lastcall.stubborn");

  private StubbornMain() {}

  /** The arguments are a directory for the database, and the deadline. */
  public static void main(String[] args) throws Exception {
    Logging logging = Logging.install();
    AppConfig config =
        new ConfigLoader(
                name -> null,
                Map.of(
                    "server.host", "127.0.0.1",
                    "server.port", "0",
                    "management.port", "0",
                    "database.url", "jdbc:sqlite:" + Path.of(args[0]).resolve("lastcall.db"),
                    "shutdown.deadline", args[1],
                    "shutdown.request-grace", "200ms",
                    "delivery.concurrency", "4",
                    "password.memory", "8KiB",
                    "password.iterations", "1",
                    "password.allow-weak", "true"))
            .load(null);
    Hooks none = Hooks.none();
    Hooks stubborn =
        new Hooks(
            none.deliveries(),
            none.store(),
            none.smtp(),
            StubbornMain::answering,
            parts ->
                new OutboxSending(
                    new SendingParts(
                        parts.config(),
                        parts.hasher(),
                        parts.database(),
                        new StubbornMailer(),
                        parts.listener())));
    int status = Main.serve(config, stubborn, logging);
    logging.flush(Logging.PATIENCE);
    System.exit(status);
  }

  private static void answering(SignupOutcome outcome) {
    if (outcome instanceof SignupOutcome.Accepted accepted
        && accepted.user().email().startsWith("stubborn")) {
      never("handler");
    }
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
    public SendOutcome send(WelcomeMail mail, BooleanSupplier mayGoOn) {
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
