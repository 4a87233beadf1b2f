package lastcall;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import lastcall.config.AppConfig;
import lastcall.config.ConfigLoader;
import lastcall.log.Logging;
import lastcall.mail.SmtpListener;
import lastcall.outbox.DeliveryEvent;
import lastcall.store.StoreListener;

/** The service as it ships, but for its dispatcher, which meets an error with its first claim. */
public final class FatalMain {
  private FatalMain() {}

  /** The arguments are a directory for the database, the port of a mail server, and the error. */
  public static void main(String[] args) throws Exception {
    Logging logging = Logging.install();
    Map<String, String> settings = new TreeMap<>();
    settings.put("server.host", "127.0.0.1");
    settings.put("server.port", "0");
    settings.put("management.port", "0");
    settings.put("database.url", "jdbc:sqlite:" + Path.of(args[0]).resolve("lastcall.db"));
    settings.put("smtp.host", "127.0.0.1");
    settings.put("smtp.tls", "none");
    settings.put("smtp.port", args[1]);
    settings.put("password.memory", "8KiB");
    settings.put("password.iterations", "1");
    settings.put("password.allow-weak", "true");
    AppConfig config = new ConfigLoader(name -> null, settings).load(null);
    Listeners fatal =
        new Listeners(
            event -> {
              if (event instanceof DeliveryEvent.Claimed) {
                fail(args[2]);
              }
            },
            StoreListener.NONE,
            SmtpListener.NONE);
    int status = Main.serve(config, fatal, logging);
    logging.flush(Logging.PATIENCE);
    System.exit(status);
  }

  private static void fail(String error) {
    if (error.equals("memory")) {
      System.err.println(new long[Integer.MAX_VALUE - 8].length);
    }
    throw new LinkageError("planted");
  }
}
