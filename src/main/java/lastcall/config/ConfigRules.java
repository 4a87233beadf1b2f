package lastcall.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/** Ranges of single keys, and what keys demand of each other. Reasons stand in application.yaml. */
final class ConfigRules {
  private static final int OWASP_MEMORY_KIB = 19456;
  private static final int OWASP_ITERATIONS = 2;
  private static final Duration MS_100 = Duration.ofMillis(100);
  private static final Duration MINUTES_5 = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);

  private ConfigRules() {}

  /** Reads everything; what is wrong stands in {@code values.errors()}. */
  static AppConfig read(ConfigValues values) {
    AppConfig.Env env = values.choice("env", AppConfig.Env.class);
    boolean production = env == AppConfig.Env.PRODUCTION;
    AppConfig.Server server =
        new AppConfig.Server(
            values.required("server.host"), values.number("server.port", 0, 65535));
    AppConfig.Store database = database(values, production);
    return new AppConfig(
        env,
        server,
        management(values, server),
        database,
        smtp(values, production),
        delivery(values),
        shutdown(values, database),
        password(values, production),
        new AppConfig.Limits(
            values.size("limits.max-body", 1024, 1024 * 1024),
            values.duration("limits.request-timeout", MS_100, MINUTES_5),
            values.duration("limits.response-timeout", MS_100, MINUTES_5),
            values.duration("limits.idle-timeout", MS_100, HOUR)));
  }

  private static AppConfig.Management management(ConfigValues values, AppConfig.Server server) {
    String host = values.required("management.host");
    int port = values.number("management.port", 0, 65535);
    String token = values.optional("management.token");
    if (token != null && token.length() < 16) {
      values.wrong("management.token", "must have at least 16 characters");
    }
    if (token == null && !loopback(host)) {
      values.wrong("management.host", "beyond loopback management.token must be set");
    }
    if (port != 0 && port == server.port()) {
      values.wrong("management.port", "must differ from server.port");
    }
    return new AppConfig.Management(host, port, token);
  }

  private static AppConfig.Store database(ConfigValues values, boolean production) {
    String url = values.required("database.url");
    if (url.startsWith(PostgresUrl.PREFIX)) {
      return PostgresUrl.read(values, url, production);
    }
    return SqliteUrl.read(values, url, production);
  }

  private static AppConfig.Smtp smtp(ConfigValues values, boolean production) {
    AppConfig.Smtp smtp =
        new AppConfig.Smtp(
            values.required("smtp.host"),
            values.number("smtp.port", 1, 65535),
            values.optional("smtp.username"),
            values.optional("smtp.password"),
            values.choice("smtp.tls", AppConfig.Tls.class),
            values.required("smtp.from"),
            values.duration("smtp.timeout", Duration.ofMillis(50), MINUTES_5),
            values.duration("smtp.embedded-delay", Duration.ZERO, Duration.ofMinutes(10)));
    if (!smtp.from()
        .matches("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*")) {
      values.wrong("smtp.from", "must be a plain address such as welcome@example.org");
    }
    if (smtp.embedded() && smtp.embeddedDelay().compareTo(smtp.timeout()) >= 0) {
      values.wrong("smtp.embedded-delay", "must be below smtp.timeout, or every send times out");
    }
    if ((smtp.username() == null) != (smtp.password() == null)) {
      values.wrong("smtp.username", "smtp.username and smtp.password go together");
    }
    boolean clear = !smtp.embedded() && smtp.tls() == AppConfig.Tls.NONE && !loopback(smtp.host());
    if (clear && (production || smtp.password() != null)) {
      values.wrong(
          "smtp.tls",
          "none is for loopback only" + (production ? " in production" : " with a password"));
    }
    if (production && smtp.embedded()) {
      values.wrong("smtp.host", "production wants a real server: nobody receives embedded mail");
    }
    return smtp;
  }

  private static AppConfig.Delivery delivery(ConfigValues values) {
    Duration initial = values.duration("delivery.backoff.initial", Duration.ofMillis(10), HOUR);
    return new AppConfig.Delivery(
        values.number("delivery.concurrency", 1, 1000),
        values.duration("delivery.lease", Duration.ofSeconds(1), HOUR),
        values.number("delivery.max-attempts", 1, 1000),
        initial,
        values.duration("delivery.backoff.max", initial, Duration.ofHours(24)));
  }

  private static AppConfig.Shutdown shutdown(ConfigValues values, AppConfig.Store database) {
    // Where others go on, they take over; a single process has nobody to leave its e-mails to.
    AppConfig.Drain usual =
        database.file() == null ? AppConfig.Drain.IN_FLIGHT : AppConfig.Drain.DUE;
    AppConfig.Shutdown shutdown =
        new AppConfig.Shutdown(
            values.duration("shutdown.deadline", Duration.ofSeconds(2), HOUR),
            values.duration("shutdown.pre-stop-delay", Duration.ZERO, MINUTES_5),
            values.duration("shutdown.request-grace", MS_100, MINUTES_5),
            values.optional("shutdown.drain") == null
                ? usual
                : values.choice("shutdown.drain", AppConfig.Drain.class));
    // The last second belongs to cutting, releasing and closing: without it the stop ends by force.
    Duration least = shutdown.preStopDelay().plus(shutdown.requestGrace()).plusSeconds(1);
    if (least.compareTo(shutdown.deadline()) > 0) {
      values.wrong(
          "shutdown.deadline",
          "must be at least pre-stop-delay + request-grace + 1s = " + least.toMillis() + "ms");
    }
    return shutdown;
  }

  private static AppConfig.Password password(ConfigValues values, boolean production) {
    int kib = values.size("password.memory", 8 * 1024, 1024 * 1024 * 1024) / 1024;
    int iterations = values.number("password.iterations", 1, 100);
    boolean weak = kib < OWASP_MEMORY_KIB || iterations < OWASP_ITERATIONS;
    boolean allowWeak = values.flag("password.allow-weak");
    if (weak && production) {
      values.wrong("password.memory", "production wants 19456KiB and 2 iterations at least");
    } else if (weak && !allowWeak) {
      values.wrong(
          "password.memory",
          "19456KiB and 2 iterations at least, or password.allow-weak=true for load tests");
    }
    AppConfig.Password password =
        new AppConfig.Password(kib, iterations, values.number("password.max-queued", 1, 10_000));
    if (password.hashesInHeap() < 1) {
      values.wrong(
          "password.memory",
          "must fit into half of the heap, "
              + Runtime.getRuntime().maxMemory() / 2048
              + "KiB, or java wants a larger -Xmx (LASTCALL_JAVA_OPTS, JDK_JAVA_OPTIONS)");
    }
    return password;
  }

  static boolean loopback(String host) {
    try {
      // A look-up only for names: a literal address is parsed, never asked for.
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
