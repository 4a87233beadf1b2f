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
      boolean checked =
          parameters.matches("(.*&)?sslmode=verify-(full|ca)(&.*)?")
              && parameters.indexOf("sslmode=") == parameters.lastIndexOf("sslmode=");
      boolean near =
          Stream.of(form.group(1).split(","))
              .allMatch(host -> ConfigRules.loopback(host.replaceFirst(":\\d*$", "")));
      if (production && !near && !checked) {
        values.wrong("database.url", "beyond loopback production wants sslmode=verify-full");
      }
    }
    return new AppConfig.Store(
        url, null, values.required("database.user"), values.optional("database.password"));
  }
}
