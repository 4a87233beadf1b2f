package lastcall;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import lastcall.config.AppConfig;
import lastcall.config.ConfigLoader;
import lastcall.log.EventLog;
import lastcall.log.Logging;
import lastcall.mail.SmtpListener;
import lastcall.mail.SmtpPhase;
import lastcall.outbox.DeliveryEvent;
import lastcall.store.StoreListener;

/**
 * The service as it ships, but each request that has stored a sign-up, and each send, ends up in a
 * listener that ignores every interrupt.
 */
public final class StubbornMain {
  private static final EventLog LOG = EventLog.of(StubbornMain.class);

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
    Listeners stubborn =
        new Listeners(
            event -> {
              if (event instanceof DeliveryEvent.SignupStored) {
                never("handler");
              }
            },
            StoreListener.NONE,
            new StubbornSend());
    int status = Main.serve(config, stubborn, logging);
    logging.flush(Logging.PATIENCE);
    System.exit(status);
  }

  private static void never(String who) {
    LOG.info("stubborn " + who);
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException ignored) {
        LOG.info("ignored interrupt who=%s", who);
      }
    }
  }

  private static final class StubbornSend implements SmtpListener {
    @Override
    public void awaiting(SmtpPhase phase) {
      never("send");
    }

    @Override
    public void answered(SmtpPhase phase, int code) {}
  }
}
