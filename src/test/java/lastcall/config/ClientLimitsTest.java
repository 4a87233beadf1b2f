package lastcall.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rates, and which addresses and blocks of addresses, are taken. */
final class ClientLimitsTest extends ConfigFixture {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,      10.255.0.1,       11.0.0.1",
    "10.1.2.3/8,      10.255.0.1,       11.0.0.1",
    "192.0.2.1,       192.0.2.1,        192.0.2.2",
    "192.0.2.0/31,    192.0.2.1,        192.0.2.2",
    "2001:db8::/32,   2001:db8:1::9,    2001:db9::",
    "::1,             ::1,              ::2",
    "::ffff:10.0.0.0, 10.0.0.0,         ::a00:0",
    "2001:db8::/33,   2001:db8:7fff::1, 2001:db8:8000::1",
    "::/1,            1::,              8000::",
  })
  void blocks(String text, String in, String out) {
    Network network = Network.parse(text);
    assertNotNull(network);
    assertTrue(network.contains(address(in)), in);
    assertTrue(!network.contains(address(out)), out);
  }

  private static InetAddress address(String text) {
    InetAddress address = Network.literal(text);
    assertNotNull(address, text);
    return address;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "example.org",
        "0.0.0.0/0",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0/8",
        "10.0.0.010",
        "256.0.0.1",
        "1",
        "::1/129",
        "::1/0",
        "[::1]",
        "fe80::1%eth0",
        ":",
        "1:2:3",
        "/8",
      })
  void noBlocks(String text) {
    properties.put("server.trusted-proxies", "10.0.0.1 " + text);
    properties.put("limits.client-rate", "ten");
    List<String> errors = errors(null);
    assertEquals(2, errors.size(), errors::toString);
    assertTrue(
        errors.getFirst().startsWith("server.trusted-proxies=10.0.0.1 " + text), errors::toString);
    assertTrue(errors.getFirst().contains(": " + text + " must be"), errors::toString);
    assertTrue(
        errors.getLast().startsWith("limits.client-rate=ten (from -D): must be"), errors::toString);
  }

  @Test
  void proxiesAreTextOrAList() throws Exception {
    Path list = file("server:\n  trusted-proxies: [10.0.0.0/8, '::1']\n");
    assertEquals(
        List.of(Network.parse("10.0.0.0/8"), Network.parse("::1")),
        new ConfigLoader(environment::get, properties).load(list).clients().trustedProxies());
  }

  @ParameterizedTest
  @CsvSource({"10/s, 10, PT1S", "120/min, 120, PT1M", "600/h, 600, PT1H", "5/day, 5, PT24H"})
  void rates(String text, int count, java.time.Duration per) {
    assertEquals(new Rate(count, per), Rate.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "0/s", "-1/s", "10/m", "10 /s", "1.5/s", "1000000/s", "/s"})
  void noRates(String text) {
    assertNull(Rate.parse(text));
  }

  /** A variable that is empty is not set, so there is a word for no limit. */
  @Test
  void noLimit() throws Exception {
    environment.put("LIMITS_CLIENT_RATE", "none");
    properties.put("limits.recipient-rate", "");
    AppConfig.ClientLimits limits = load().clients();
    assertNull(limits.clientRate());
    assertNull(limits.recipientRate());
  }
}
