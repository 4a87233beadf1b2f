package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which values are taken, each alone and together with others. */
final class ConfigValuesTest extends ConfigFixture {
  @ParameterizedTest
  @CsvSource({"500ms,500", "25s,25000", "2 s,2000", "1m,60000", "1h,3600000", "PT1.5S,1500"})
  void durations(String text, long millis) throws Exception {
    properties.put("limits.idle-timeout", text);
    assertEquals(millis, load().limits().idleTimeout().toMillis());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "-5s", "5 sec", "5S", "1.5s", "PT", "2h", "99ms", "999999999999h"})
  void wrongDurations(String text) {
    properties.put("limits.idle-timeout", text);
    assertEquals(1, errors(null).size());
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0s,0", "1d,1", "24h,1", "3650d,3650"})
  void retention(String text, int days) throws Exception {
    properties.put("retention.sent", text);
    assertEquals(Duration.ofDays(days), load().retention().sent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"23h", "3651d", "1D", "1", "d", "-1d"})
  void wrongRetention(String text) {
    properties.put("retention.refused", text);
    assertEquals(1, errors(null).size());
  }

  @ParameterizedTest
  @CsvSource({"1024,1024", "2048B,2048", "16KiB,16384", "16 KiB,16384", "1MiB,1048576"})
  void sizes(String text, int bytes) throws Exception {
    properties.put("limits.max-body", text);
    assertEquals(bytes, load().limits().maxBody());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1023", "2MiB", "16KB", "16k", "-1KiB", "1.5KiB"})
  void wrongSizes(String text) {
    properties.put("limits.max-body", text);
    assertEquals(1, errors(null).size());
  }

  @Test
  void sizesDontWrapAround() {
    properties.put("password.memory", "17179869185GiB"); // 2^64 bytes and 1 GiB
    String error = errors(null).getFirst();
    assertTrue(error.contains("must be a size"), error);
  }

  @ParameterizedTest
  @CsvSource({
    "smtp.host, embedded, nobody receives",
    "smtp.tls, none, none is for a mail server on loopback only in production",
    "password.memory, 8KiB, least in production",
    "password.iterations, 1, least in production",
    "database.url, jdbc:sqlite:/tmp/x/lastcall.db, must not be temporary",
    "database.url, jdbc:sqlite:/var/tmp/lastcall.db, must not be temporary",
    "database.url, jdbc:postgresql://192.0.2.1/x, sslmode=verify-full",
    "database.url, jdbc:postgresql://192.0.2.1/x?SSLMODE=verify-full, sslmode=verify-full",
    "database.url, jdbc:postgresql://192.0.2.1/x?sslmode=verify-full&sslmode=disable, sslmode",
    "database.url, 'jdbc:postgresql://[::1]:5432,192.0.2.1/x?sslmode=require', sslmode=verify-full"
  })
  void productionRefuses(String key, String value, String why) throws Exception {
    properties.put("lastcall.env", "production");
    properties.put("smtp.host", "192.0.2.1");
    properties.put("database.url", "jdbc:sqlite:/srv/lastcall.db");
    properties.put("password.allow-weak", "true");
    load();
    refused(key, value, why);
  }

  @ParameterizedTest
  @CsvSource({
    "password.memory, 8KiB, allow-weak",
    "management.host, 0.0.0.0, management.token",
    "management.port, 8080, must differ",
    "database.url, jdbc:postgresql://db, //host:port/database",
    "database.url, jdbc:postgresql:x, //host:port/database",
    "database.url, jdbc:postgresql://db/x?user=bob, database.user",
    "database.url, jdbc:postgresql://db/x?a=b&reWriteBatchedInserts=true, reWriteBatchedInserts",
    "database.url, jdbc:postgresql://db/x?options=-c%20lock_timeout=0, must not hold",
    "database.url, 'jdbc:postgresql://db,db2/x?targetServerType=any', than primary",
    "database.url, 'jdbc:postgresql://db,db2/x?a=b&targetServerType=preferPrimary', than primary",
    "database.user, bob, for PostgreSQL only",
    "database.url, jdbc:sqlite::memory:, jdbc:sqlite",
    "smtp.from, Ann <a@b.c>, plain address",
    "smtp.helo, mail_1.example.org, must be a host name",
    "smtp.helo, a b, must be a host name",
    "smtp.helo, mäil.example.org, must be a host name",
    "smtp.helo, 192.0.2.1, in brackets",
    "smtp.helo, [192.0.2.256], in brackets",
    "smtp.helo, [2001:db8::1], IPv6:2001:db8::1",
    "smtp.embedded-delay, 2m, below smtp.dot-timeout",
    "server.host, '', must not be empty",
    "server.port, 65536, 0 to 65535",
    "delivery.backoff.max, 999ms, from 1s",
    "shutdown.deadline, 5999ms, = 6s",
    "shutdown.pre-stop-delay, 19001ms, = 25001ms",
    // One mistake is told once, though a rule about several keys is broken as well.
    "shutdown.deadline, 5, must be a duration",
    "smtp.timeout, 1, must be a duration",
    "smtp.from, '', must not be empty",
    "database.url, '', must not be empty",
    "password.memory, 1, must be a size",
    "password.iterations, 0, must be a whole number",
    "password.allow-weak, yes, must be false or true",
    "password.iterations, 4, password.iterations=4 (from -D): 7168KiB with 5 iterations",
    "management.port, 808O, must be a whole number",
    "server.host, http://localhost:8080, without http:// and without a port",
    "smtp.host, tcp://10.0.0.1:25, enableServiceLinks: false",
    "server.port, tcp://10.0.0.1:80, enableServiceLinks: false"
  })
  void refused(String key, String value, String why) {
    properties.put("smtp.embedded-delay", "10ms");
    properties.put(key, value);
    if (value.startsWith("jdbc:postgresql:")) {
      properties.put("database.user", "bob");
    }
    List<String> errors = errors(null);
    assertEquals(1, errors.size(), errors.toString());
    assertTrue(errors.getFirst().contains(why), errors.toString());
  }

  /** OWASP calls them equal. With 1 KiB less, a hash is weaker than each of them. */
  @ParameterizedTest
  @CsvSource({"7168, 5", "9216, 4", "12288, 3", "19456, 2", "47104, 1"})
  void strongHashes(int kib, int iterations) throws Exception {
    properties.put("password.iterations", "" + iterations);
    properties.put("password.memory", kib + "KiB");
    assertEquals(kib, load().password().memoryKib());
    properties.put("password.memory", kib - 1 + "KiB");
    assertTrue(errors(null).getFirst().contains("19456KiB with 2"), errors(null).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "mail-1.example.org",
        "7.example",
        "[192.0.2.1]",
        "[IPv6:2001:db8::1]"
      })
  void namesForEhlo(String value) throws Exception {
    properties.put("smtp.helo", value);
    assertEquals(value, load().smtp().helo());
  }

  @Test
  void aWrongValueBesideAPairIsOneError() {
    properties.put("smtp.embedded-delay", "2s");
    refused("smtp.timeout", "soon", "must be a duration");
    properties.put("smtp.timeout", "3s");
    properties.put("smtp.host", "192.0.2.1");
    properties.put("lastcall.env", "production");
    properties.put("database.url", "jdbc:sqlite:/srv/lastcall.db");
    refused("smtp.tls", "ssl", "must be none or starttls or tls");
    properties.remove("smtp.tls");
    properties.put("database.user", "bob");
    refused("database.url", "postgres://db/x", "must be jdbc:sqlite:FILE");
  }

  @Test
  void whatIsJustAllowed() throws Exception {
    properties.put("shutdown.pre-stop-delay", "19s");
    properties.put("password.memory", "8KiB");
    properties.put("password.allow-weak", "true");
    assertEquals(s(19), load().shutdown().preStopDelay());
  }

  @Test
  void passwordInTheClearIsForLoopbackOnly() throws Exception {
    properties.put("smtp.tls", "none");
    properties.put("smtp.username", "u");
    properties.put("smtp.password", "hunter2");
    properties.put("smtp.host", "127.0.0.1");
    load();
    refused("smtp.host", "192.0.2.1", "with a password");
  }

  @Test
  void postgresql() throws Exception {
    properties.put("database.url", "jdbc:postgresql://db:5432,db2/x?sslmode=verify-ca&a=b");
    assertTrue(errors(null).getFirst().startsWith("database.user="), "a user must be there");
    properties.put("database.user", "bob");
    properties.put("lastcall.env", "production");
    properties.put("smtp.host", "192.0.2.1");
    AppConfig config = load();
    assertEquals(AppConfig.Drain.IN_FLIGHT, config.shutdown().drain());
    assertEquals(Path.of("data").toAbsolutePath(), config.database().directory());
    properties.put("shutdown.drain", "due");
    assertEquals(AppConfig.Drain.DUE, load().shutdown().drain());
    String two = "jdbc:postgresql://127.0.0.1:5432,[::1]:5433/x?targetServerType=primary";
    properties.put("database.url", two);
    load();
  }

  /** The url is logged, and so is what is wrong with it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://db/x?a=b&password=s3cret&c=d",
        "jdbc:postgresql://db/x?sslPassword=s3cret",
        "jdbc:postgresql://bob:s3cret@db/x",
        "postgres://bob:s3cret@db/x",
      })
  void noPasswordIsTold(String url) {
    properties.put("database.url", url);
    properties.put("database.user", "bob");
    properties.put("database.password", "s3cret");
    List<String> errors = errors(null);
    assertTrue(errors.getFirst().startsWith("database."), errors::toString);
    assertFalse(errors.toString().contains("s3cret"), errors::toString);
    assertFalse(new AppConfig.Store("u", null, "bob", "s3cret").toString().contains("s3cret"));
  }
}
