package lastcall.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import lastcall.config.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who the client is. The proxies of these tests are 10.0.0.0/8 and fd00::/8. */
final class TrustedProxiesTest {
  private static final TrustedProxies PROXIES =
      new TrustedProxies(Network.all("10.0.0.0/8, fd00::/8"));

  private static InetAddress address(String text) {
    InetAddress address = Network.literal(text);
    if (address == null) {
      throw new AssertionError(text);
    }
    return address;
  }

  private static void client(String expected, String peer, String forwarded, String forwardedFor) {
    assertEquals(
        address(expected), PROXIES.client(address(peer), forwarded.strip(), forwardedFor.strip()));
  }

  /** A pattern that goes back would take half an hour for it. */
  @Test
  @Timeout(60)
  void aLongHeaderTakesNoLongTime() {
    String blanks = " ".repeat(15_000);
    client("10.0.0.1", "10.0.0.1", "for=" + blanks + "\"", "");
    client("10.0.0.1", "10.0.0.1", "a" + blanks + ";" + blanks + "for" + blanks + "x", "");
    client("10.0.0.1", "10.0.0.1", "", "[" + ":".repeat(15_000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      value = {
        "10.0.0.1    | ''",
        "203.0.113.7 | 203.0.113.7",
        "203.0.113.7 | 192.0.2.1, 203.0.113.7",
        "203.0.113.7 | 10.0.0.9, 203.0.113.7, 10.0.0.2",
        "203.0.113.7 | 127.0.0.1,203.0.113.7,10.0.0.2,fd00::3",
        "203.0.113.7 | 203.0.113.7:4711",
        "203.0.113.7 | ::ffff:203.0.113.7",
        "2001:db8::1 | [2001:db8::1]:443",
        "2001:db8::1 | [2001:db8::1]",
        "2001:db8::1 | 2001:db8::1",
        "203.0.113.7 | 203.0.113.7, ,",
        // All are proxies of ours: the first one is where it began.
        "10.0.0.9    | 10.0.0.9, 10.0.0.2",
        // The last one known, when what it says is no address.
        "10.0.0.1    | unknown",
        "10.0.0.1    | 203.0.113.7, unknown",
        "10.0.0.2    | 203.0.113.7, _hidden, 10.0.0.2",
        "10.0.0.1    | example.org",
        "10.0.0.1    | 203.0.113.256",
        "10.0.0.1    | 203.0.113.07",
        "10.0.0.1    | 203.0.113.7 junk",
        "10.0.0.1    | [2001:db8::1",
        "10.0.0.1    | [fe80::1%lo]",
        "10.0.0.1    | :::",
      })
  void forwardedFor(String expected, String header) {
    client(expected, "10.0.0.1", "", header);
    client("203.0.113.99", "203.0.113.99", "", header); // no proxy of ours
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "203.0.113.7 | for=203.0.113.7",
        "203.0.113.7 | For = 203.0.113.7",
        "203.0.113.7 | proto=https;for=203.0.113.7;by=10.0.0.1",
        "203.0.113.7 | for=192.0.2.1, for=203.0.113.7",
        "203.0.113.7 | for=203.0.113.7;by=_x, FOR=\"10.0.0.2:80\"",
        "2001:db8::1 | for=\"[2001:db8::1]:4711\"",
        "2001:db8::1 | for=\"[2001:db8::1]\";host=\"a.example\"",
        // A quote that a client leaves open does not swallow what the proxy adds.
        "203.0.113.7 | for=\"x, for=203.0.113.7",
        // Nor is it believed what a proxy has copied from its client.
        "10.0.0.1    | proto=http;host=\"a;for=192.0.2.6;b\";for=203.0.113.7",
        "10.0.0.1    | proto=http;host=\"a,for=192.0.2.6;b\";for=203.0.113.7",
        "10.0.0.1    | for=192.0.2.6;for=203.0.113.7",
        "203.0.113.7 | for=203.0.113.7:_port",
        "10.0.0.1    | for=unknown",
        "10.0.0.2    | for=203.0.113.7, for=_hidden, for=10.0.0.2",
        "10.0.0.1    | proto=https",
        "10.0.0.1    | xfor=203.0.113.7",
        "10.0.0.1    | for=203.0.113.7 for=203.0.113.8",
        "10.0.0.1    | for=\"203.0.113.7",
        "10.0.0.1    | 203.0.113.7",
      })
  void forwarded(String expected, String header) {
    client(expected, "10.0.0.1", header, "");
    client("203.0.113.99", "203.0.113.99", header, "");
    client("192.0.2.1", "10.0.0.1", header, "192.0.2.1"); // X-Forwarded-For wins
  }
}
