package lastcall.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code jdbc:postgresql://host[:port][,host…]/database[?parameters of the driver]}. */
final class PostgresUrl {
  static final String PREFIX = "jdbc:postgresql:";

  private static final Pattern FORM =
      Pattern.compile(PREFIX + "//([^/?@]+)/([^/?]+)(?:\\?([^?]*))?");

  private PostgresUrl() {}

  static AppConfig.Store read(ConfigValues values, String url, boolean production) {
    Matcher form = FORM.matcher(url);
    if (!form.matches()) {
      values.wrong(
          "database.url", "must be " + PREFIX + "//host:port/database?sslmode=verify-full");
    } else {
      String parameters = form.group(3) == null ? "" : form.group(3);
      // The url is logged.
      if (parameters.matches("(?i)(.*&)?(user|[^=]*password)=.*")) {
        values.wrong("database.url", "must not hold these: database.user, database.password");
      }
      // They would go before what the store relies on: counts of a batch, bounds, no values in
      // errors.
      if (parameters.matches("(?i)(.*&)?(reWriteBatchedInserts|options|logServerErrorDetail)=.*")) {
        values.wrong(
            "database.url", "must not hold reWriteBatchedInserts, options, logServerErrorDetail");
      }
      boolean checked =
          parameters.matches("(.*&)?sslmode=verify-(full|ca)(&.*)?")
              && parameters.indexOf("sslmode=") == parameters.lastIndexOf("sslmode=");
      if (production && !checked && !near(form.group(1))) {
        values.wrong("database.url", "beyond loopback production wants sslmode=verify-full");
      }
    }
    return new AppConfig.Store(
        url, null, values.required("database.user"), values.optional("database.password"));
  }

  private static boolean near(String hosts) {
    return Stream.of(hosts.split(","))
        .allMatch(host -> ConfigRules.loopback(host.replaceFirst(":\\d*$", "")));
  }
}
