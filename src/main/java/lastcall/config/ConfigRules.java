package lastcall.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks the range of each key and the rules between keys; application.yaml has the reasons. */
final class ConfigRules {
  /** The least KiB for 1 to 5 iterations, which OWASP calls equal; for more as for 5. */
  private static final int[] OWASP_KIB = {47104, 19456, 12288, 9216, 7168};

  /** What RFC 5321 allows in EHLO (section 4.1.2): a name, which no bare IP address is, or [IP]. */
  private static final Pattern HELO =
      Pattern.compile(
          "(?![\\d.]+$)(?!.*\\.\\.)[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
              + "|\\[(((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.|(?=]))){4}|IPv6:[0-9A-Fa-f:.]{2,45})\\]");

  private static final Pattern ORIGIN =
      Pattern.compile(
          "(?!https://[^/]*:443$|http://[^/]*:80$)[a-z][a-z0-9+.-]*://"
              + "([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[0-9]{1,5})?");
  private static final Duration MS_100 = Duration.ofMillis(100);
  private static final Duration MINUTES_5 = Duration.ofMinutes(5);
  private static final Duration HOUR = Duration.ofHours(1);

  private ConfigRules() {}

  /** Reads all keys. The mistakes found are in {@code values.errors()} then. */
  static AppConfig read(ConfigValues values) {
    AppConfig.Env env = values.choice("lastcall.env", AppConfig.Env.class);
    boolean production = env == AppConfig.Env.PRODUCTION;
    AppConfig.Server server =
        new AppConfig.Server(
            values.host("server.host"),
            values.number("server.port", 0, 65535),
            corsOrigins(values));
    AppConfig.Store database = database(values, production);
    return new AppConfig(
        env,
        server,
        management(values, server),
        database,
        smtp(values, production),
        delivery(values),
        RetentionRules.read(values),
        shutdown(values, database),
        password(values, production),
        new AppConfig.Signup(values.choice("signup.taken-address", AppConfig.TakenAddress.class)),
        new AppConfig.Limits(
            values.size("limits.max-body", 1024, 1024 * 1024),
            values.duration("limits.request-timeout", MS_100, MINUTES_5),
            values.duration("limits.response-timeout", MS_100, MINUTES_5),
            values.duration("limits.idle-timeout", MS_100, HOUR)),
        new AppConfig.ClientLimits(
            Network.read(values, "server.trusted-proxies"),
            values.rate("limits.client-rate"),
            values.number("limits.client-requests", 0, 10_000),
            values.rate("limits.recipient-rate")));
  }

  /** Browsers send an origin in lower case, without its default port and without a path. */
  private static Set<String> corsOrigins(ConfigValues values) {
    Set<String> origins = Set.copyOf(ConfigValues.list(values.text("api.cors-origins")));
    if (!origins.stream().allMatch(ORIGIN.asMatchPredicate())) {
      values.wrong(
          "api.cors-origins",
          "must be origins as browsers write them, such as https://www.example.org or"
              + " http://localhost:3000, with commas between them: scheme and host in lower case,"
              + " no path, no default port, and no *, which would let every page sign people up");
    }
    return origins;
  }

  private static AppConfig.Management management(ConfigValues values, AppConfig.Server server) {
    String host = values.host("management.host");
    int port = values.number("management.port", 0, 65535);
    String token = values.secret("management.token");
    if (token != null && !token.matches("[!-~]{16,}")) { // it must come through a header unchanged
      values.wrong(
          values.secretKey("management.token"),
          "the token must have at least 16 characters, all of them visible ASCII");
    }
    boolean fine = values.fine("management.token", "management.token-file", "management.host");
    if (token == null && fine && !loopback(host)) {
      values.wrong("management.host", "beyond loopback management.token must be set, too");
    }
    if (port != 0 && port == server.port() && values.fine("management.port", "server.port")) {
      values.wrong("management.port", "must differ from server.port");
    }
    return new AppConfig.Management(host, port, token, values.flag("management.read-only"));
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
            values.host("smtp.host"),
            values.number("smtp.port", 1, 65535),
            values.optional("smtp.username"),
            values.secret("smtp.password"),
            values.choice("smtp.tls", AppConfig.Tls.class),
            values.required("smtp.from"),
            values.optional("smtp.helo"),
            values.duration("smtp.timeout", Duration.ofMillis(50), MINUTES_5),
            values.duration("smtp.dot-timeout", Duration.ofMillis(50), Duration.ofMinutes(10)),
            values.duration("smtp.embedded-delay", Duration.ZERO, Duration.ofMinutes(10)));
    if (values.fine("smtp.from")
        && !smtp.from()
            .matches("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*")) {
      values.wrong("smtp.from", "must be a plain address such as welcome@example.org");
    }
    if (smtp.helo() != null && !HELO.matcher(smtp.helo()).matches()) {
      values.wrong(
          "smtp.helo",
          "must be a host name such as mail.example.org, or an address in brackets such as"
              + " [192.0.2.1] or [IPv6:2001:db8::1]");
    }
    if (smtp.embedded()
        && values.fine("smtp.dot-timeout", "smtp.embedded-delay")
        && smtp.embeddedDelay().compareTo(smtp.dotTimeout()) >= 0) {
      values.wrong(
          "smtp.embedded-delay", "must be below smtp.dot-timeout, or every send times out");
    }
    if ((smtp.username() == null) != (smtp.password() == null)
        && values.fine("smtp.username", "smtp.password", "smtp.password-file")) {
      String set = smtp.username() == null ? values.secretKey("smtp.password") : "smtp.username";
      values.wrong(set, "smtp.username and smtp.password go together: set both, or none");
    }
    boolean clear = !smtp.embedded() && smtp.tls() == AppConfig.Tls.NONE && !loopback(smtp.host());
    if (clear && (production || smtp.password() != null) && values.fine("smtp.tls", "smtp.host")) {
      values.wrong(
          "smtp.tls",
          ("none is for a mail server on loopback only"
                  + (production ? " in production" : " with a password"))
              + ": set starttls or tls");
    }
    if (production && smtp.embedded()) {
      values.wrong(
          "smtp.host",
          "in production this must be a real mail server, since nobody receives embedded mail");
    }
    return smtp;
  }

  private static AppConfig.Delivery delivery(ConfigValues values) {
    Duration initial = values.duration("delivery.backoff.initial", Duration.ofMillis(10), HOUR);
    return new AppConfig.Delivery(
        values.number("delivery.concurrency", 1, 1000),
        values.duration("delivery.lease", Duration.ofSeconds(1), HOUR),
        values.number("delivery.max-attempts", 1, 1000),
        values.number("delivery.max-unknown", 1, 100),
        initial,
        values.duration("delivery.backoff.max", initial, Duration.ofHours(24)),
        DeliveryRate.read(values, "delivery.rate"));
  }

  private static AppConfig.Shutdown shutdown(ConfigValues values, AppConfig.Store database) {
    // On PostgreSQL other instances send what this one leaves. On SQLite nobody does until the next
    // start, so all due e-mails are sent before the exit.
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
    // The last second before the deadline is for cutting sends, releasing rows and closing files.
    Duration least = shutdown.preStopDelay().plus(shutdown.requestGrace()).plusSeconds(1);
    boolean fine =
        values.fine("shutdown.deadline", "shutdown.pre-stop-delay", "shutdown.request-grace");
    if (fine && least.compareTo(shutdown.deadline()) > 0) {
      values.wrong(
          "shutdown.deadline",
          "must be at least shutdown.pre-stop-delay + shutdown.request-grace + 1s = "
              + ConfigValues.spelled(least));
    }
    return shutdown;
  }

  private static AppConfig.Password password(ConfigValues values, boolean production) {
    int kib = values.size("password.memory", 8 * 1024, 1024 * 1024 * 1024) / 1024;
    int iterations = values.number("password.iterations", 1, 100);
    boolean allowWeak = values.flag("password.allow-weak") && !production;
    boolean known = values.fine("password.memory", "password.iterations", "password.allow-weak");
    if (known && !allowWeak && kib < OWASP_KIB[Math.min(iterations, OWASP_KIB.length) - 1]) {
      values.wrong(
          kib < OWASP_KIB[OWASP_KIB.length - 1] ? "password.memory" : "password.iterations",
          "7168KiB with 5 iterations, 9216KiB with 4, 12288KiB with 3, 19456KiB with 2 or 47104KiB with 1 are the least"
              + (production
                  ? " in production"
                  : "; password.allow-weak=true allows less, for load tests"));
    }
    AppConfig.Password password =
        new AppConfig.Password(kib, iterations, values.number("password.max-queued", 1, 10_000));
    if (password.hashesInHeap() < 1) {
      values.wrong(
          "password.memory",
          ("must fit into half of the heap, which is "
                  + Runtime.getRuntime().maxMemory() / 2048
                  + "KiB; -Xmx1g in LASTCALL_JAVA_OPTS (script) or JDK_JAVA_OPTIONS (image)")
              + " gives java a larger one");
    }
    return password;
  }

  static boolean loopback(String host) {
    try {
      // Names are looked up; a literal address is only parsed.
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
