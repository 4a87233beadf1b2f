package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConfigLoaderTest extends ConfigFixture {
  /** Every key there is, with a value that is not its default. */
  private static final String OTHERS =
      """
      lastcall.env production
      server.host 127.0.0.9
      server.port 9000
      management.host localhost
      management.port 9001
      management.token 0123456789abcdef
      database.url jdbc:postgresql://db:5433/a?sslmode=verify-full
      database.user bob
      database.password sec
      smtp.host mail.example.org
      smtp.port 465
      smtp.username ann
      smtp.password se=cret
      smtp.tls tls
      smtp.from a@b.example
      smtp.helo app.b.example
      smtp.timeout 3s
      smtp.dot-timeout 5s
      smtp.embedded-delay 2s
      delivery.concurrency 7
      delivery.lease 9s
      delivery.max-attempts 5
      delivery.max-unknown 4
      delivery.backoff.initial 2s
      delivery.backoff.max 20m
      retention.sent 7d
      retention.refused 0
      retention.every 30m
      delivery.rate 120/min
      shutdown.deadline 40s
      shutdown.pre-stop-delay 3s
      shutdown.request-grace 4s
      shutdown.drain due
      password.memory 32MiB
      password.iterations 3
      password.max-queued 9
      signup.taken-address hide
      limits.max-body 2KiB
      limits.request-timeout 1s
      limits.response-timeout 2s
      limits.idle-timeout 3s
      limits.client-rate 3/min
      limits.client-requests 4
      limits.recipient-rate none
      server.trusted-proxies 10.0.0.0/8,::1
      api.cors-origins https://a.example,http://b:3000
      """;

  @Test
  void defaultsAreThoseOfTheDesign() throws Exception {
    AppConfig config = load();
    assertEquals(AppConfig.Env.DEVELOPMENT, config.env());
    assertEquals(new AppConfig.Server("0.0.0.0", 8080, Set.of()), config.server());
    assertEquals(new AppConfig.Management("127.0.0.1", 8081, null, false), config.management());
    assertEquals("jdbc:sqlite:data/lastcall.db", config.database().url());
    assertEquals(Path.of("data/lastcall.db").toAbsolutePath(), config.database().file());
    AppConfig.Smtp smtp = config.smtp();
    assertTrue(smtp.embedded());
    assertEquals(587, smtp.port());
    assertEquals(AppConfig.Tls.STARTTLS, smtp.tls());
    assertEquals(s(30), smtp.timeout());
    assertEquals(s(120), smtp.dotTimeout());
    assertEquals(s(0), smtp.embeddedDelay());
    assertNull(smtp.helo());
    assertNull(smtp.username());
    assertNull(smtp.password());
    assertEquals(
        new AppConfig.Delivery(32, s(15), 50, 5, s(1), s(1800), DeliveryRate.NONE),
        config.delivery());
    assertEquals(
        new AppConfig.Retention(s(30 * 86400), s(180 * 86400), s(3600)), config.retention());
    assertEquals(new AppConfig.Shutdown(s(25), s(0), s(5), AppConfig.Drain.DUE), config.shutdown());
    assertEquals(new AppConfig.Password(7168, 5, 64), config.password());
    assertEquals(new AppConfig.Signup(AppConfig.TakenAddress.TELL), config.signup());
    assertEquals(new AppConfig.Limits(16384, s(5), s(10), s(75)), config.limits());
    assertEquals(
        new AppConfig.ClientLimits(List.of(), new Rate(600, s(3600)), 32, new Rate(5, s(86_400))),
        config.clients());
  }

  @Test
  void everyKeyIsReadFromEverySource() throws Exception {
    StringBuilder yaml = new StringBuilder();
    for (String line : OTHERS.lines().toList()) {
      String[] pair = line.split(" ");
      yaml.append(pair[0]).append(": \"").append(pair[1]).append("\"\n");
      environment.put(variable(pair[0]), pair[1]);
      properties.put(pair[0], pair[1]);
    }
    AppConfig expected =
        new AppConfig(
            AppConfig.Env.PRODUCTION,
            new AppConfig.Server("127.0.0.9", 9000, Set.of("https://a.example", "http://b:3000")),
            new AppConfig.Management("localhost", 9001, "0123456789abcdef", false),
            new AppConfig.Store(
                "jdbc:postgresql://db:5433/a?sslmode=verify-full", null, "bob", "sec"),
            new AppConfig.Smtp(
                "mail.example.org",
                465,
                "ann",
                "se=cret",
                AppConfig.Tls.TLS,
                "a@b.example",
                "app.b.example",
                s(3),
                s(5),
                s(2)),
            new AppConfig.Delivery(7, s(9), 5, 4, s(2), s(1200), new DeliveryRate(120, "min")),
            new AppConfig.Retention(s(7 * 86400), s(0), s(1800)),
            new AppConfig.Shutdown(s(40), s(3), s(4), AppConfig.Drain.DUE),
            new AppConfig.Password(32768, 3, 9),
            new AppConfig.Signup(AppConfig.TakenAddress.HIDE),
            new AppConfig.Limits(2048, s(1), s(2), s(3)),
            new AppConfig.ClientLimits(
                List.of(Network.parse("10.0.0.0/8"), Network.parse("::1")),
                new Rate(3, s(60)),
                4,
                null));
    Map<String, String> none = Map.of();
    assertEquals(expected, new ConfigLoader(environment::get, none).load(null));
    assertEquals(expected, new ConfigLoader(none::get, properties).load(null));
    assertEquals(expected, new ConfigLoader(none::get, none).load(file(yaml.toString())));
    assertEquals("Smtp[mail.example.org:465]", expected.smtp().toString());
  }

  private static String variable(String key) {
    return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
  }

  @Test
  void laterSourcesWin() throws Exception {
    Path file = file("smtp:\n  embedded-delay: 1s\n  timeout: 11s\n  port: 1\n");
    environment.put("SMTP_EMBEDDED_DELAY", "2s");
    environment.put("SMTP_TIMEOUT", "12s");
    properties.put("smtp.embedded-delay", "3s");
    AppConfig.Smtp smtp = new ConfigLoader(environment::get, properties).load(file).smtp();
    assertEquals("1 PT12S PT3S", smtp.port() + " " + smtp.timeout() + " " + smtp.embeddedDelay());
  }

  @Test
  void everythingWrongIsToldAtOnceAndNoSecret() {
    environment.put("SERVER_PORT", "tcp://10.0.0.1:80");
    environment.put("MANAGEMENT_TOKEN", "tooshort");
    environment.put("SMTP_PASSWORD", "hunter2");
    environment.put("DELIVERY_LEASE", "15");
    environment.put("SHUTDOWN_DRAIN", "never");
    List<String> errors = errors(null);
    assertEquals(5, errors.size(), errors.toString());
    String all = String.join("\n", errors);
    assertTrue(
        all.contains(
            "server.port=tcp://10.0.0.1:80 (from the environment variable SERVER_PORT): must be a"),
        all);
    assertTrue(all.contains("enableServiceLinks"), all);
    assertTrue(
        all.contains(
            "management.token=*** (from the environment variable MANAGEMENT_TOKEN): the token must have at least 16"),
        all);
    assertTrue(all.contains("DELIVERY_LEASE): must be a duration from 1s to 60m"), all);
    assertTrue(all.contains("SHUTDOWN_DRAIN): must be due or in-flight"), all);
    assertTrue(all.contains("go together"), all);
    assertFalse(all.contains("hunter2") || all.contains("tooshort"), all);
  }

  @Test
  void brokenFileIsToldWithoutWhatItHolds() throws Exception {
    for (String broken :
        List.of("smtp:\n  password: \"hunter2\n", "smtp:\n  password: hunter2: x\n")) {
      List<String> errors = errors(file(broken));
      assertEquals(1, errors.size(), errors.toString());
      assertTrue(
          errors.getFirst().contains("c.yaml: not YAML at line 2, column "), errors.toString());
      assertFalse(errors.getFirst().contains("hunter2"), errors.toString());
    }
  }
}
