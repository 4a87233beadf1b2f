package lastcall.lab;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import lastcall.api.SignupEndpoint;
import lastcall.config.AppConfig;
import lastcall.config.ConfigLoader;
import lastcall.http.Connections;
import lastcall.http.PublicServer;
import lastcall.log.EventLog;
import lastcall.log.Logging;
import lastcall.signup.PasswordHasher;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import lastcall.signup.User;

/**
 * The service's own HTTP server, which checks and hashes as the service does and answers 202, but
 * stores nothing and sends nothing: how fast sign-ups could be if the store cost nothing. It serves
 * until it is killed.
 */
public final class NothingStoredMain {
  private NothingStoredMain() {}

  /** Takes keys of the service's configuration, {@code -Dkey=value}. */
  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Logging.install();
    AppConfig config =
        new ConfigLoader(System::getenv, Map.of(), StrategyMain.options(args)).load(null);
    PasswordHasher hasher =
        new PasswordHasher(config.password(), config.shutdown().requestGrace().dividedBy(2));
    PublicServer api =
        new PublicServer(
            config.server(),
            Connections.most(config.delivery().concurrency()),
            config.limits(),
            config.shutdown().requestGrace(),
            List.of(),
            new SignupEndpoint(hasher, request -> accept(hasher, request)));
    api.start();
    EventLog.of(NothingStoredMain.class)
        .info("starting server addr=%s", config.server().host() + ":" + api.port());
    Thread.currentThread().join();
  }

  private static SignupOutcome accept(PasswordHasher hasher, SignupRequest request) {
    try {
      return switch (hasher.hash(request.password(), null)) {
        case PasswordHasher.Hash hash ->
            new SignupOutcome.Accepted(
                new User(
                    UUID.randomUUID().toString(), Instant.now(), request.name(), request.email()));
        case PasswordHasher.Busy busy -> SignupOutcome.Unavailable.busy(busy);
        case PasswordHasher.Stopping stopping -> new SignupOutcome.Stopping();
      };
    } catch (InterruptedException e) {
      return new SignupOutcome.Stopping();
    }
  }
}
