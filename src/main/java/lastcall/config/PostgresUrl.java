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
      // The url is written to the log.
      if (parameters.matches("(?i)(.*&)?(user|[^=]*password)=.*")) {
        values.wrong(
            "database.url",
            "must not hold user and password: set database.user and database.password");
      }
      // A parameter of the url wins over what the store sets and relies on: the counts of a
      // batch, the time limits of statements, and errors that hold no values of rows.
      if (parameters.matches("(?i)(.*&)?(reWriteBatchedInserts|options|logServerErrorDetail)=.*")) {
        values.wrong(
            "database.url",
            "must not hold reWriteBatchedInserts, options or logServerErrorDetail: leave them out");
      }
      // On a standby each write fails, and each read may be of what was there before.
      if (parameters.matches("(?i)(.*&)?targetServerType=(?!(primary|master)(&|$)).*")) {
        values.wrong(
            "database.url", "must not hold another targetServerType than primary: leave it out");
      }
      boolean checked =
          parameters.matches("(.*&)?sslmode=verify-(full|ca)(&.*)?")
              && parameters.indexOf("sslmode=") == parameters.lastIndexOf("sslmode=");
      if (production && !checked && !near(form.group(1))) {
        values.wrong(
            "database.url", "beyond loopback it must have sslmode=verify-full in production");
      }
    }
    return new AppConfig.Store(
        url, null, values.required("database.user"), values.secret("database.password"));
  }

  private static boolean near(String hosts) {
    return Stream.of(hosts.split(","))
        .allMatch(host -> ConfigRules.loopback(host.replaceFirst(":\\d*$", "")));
  }
}
