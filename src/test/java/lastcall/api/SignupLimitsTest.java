package lastcall.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import lastcall.config.AppConfig;
import lastcall.config.Network;
import lastcall.config.Rate;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The buckets, by a clock of the test's. */
final class SignupLimitsTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 7); // nanoTime may run over
  private final List<String> refusals = new ArrayList<>();
  private final SignupLimits limits =
      new SignupLimits(
          new AppConfig.ClientLimits(
              List.of(), new Rate(3, Duration.ofSeconds(60)), 0, new Rate(2, Duration.ofHours(24))),
          refusals::add,
          now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private @Nullable Limited client(String address) {
    InetAddress client = Network.literal(address);
    assertNotNull(client);
    return limits.client(client);
  }

  private @Nullable Limited recipient(String email, @Nullable String key) {
    return limits.recipient(request(email, key));
  }

  private static SignupRequest request(String email, @Nullable String key) {
    return new SignupRequest("Ada", email, "correct horse", key, null);
  }

  private static void refused(Duration retryAfter, @Nullable Limited limited) {
    assertNotNull(limited);
    assertEquals(retryAfter, limited.retryAfter());
  }

  @Test
  void aBucketEmptiesAtOnceAndFillsSlowly() {
    for (int i = 0; i < 3; i++) {
      assertNull(client("192.0.2.1"));
    }
    refused(Duration.ofSeconds(20), client("192.0.2.1"));
    assertNull(client("192.0.2.2"), "another client");
    pass(Duration.ofSeconds(19));
    refused(Duration.ofSeconds(1), client("192.0.2.1"));
    pass(Duration.ofSeconds(1));
    assertNull(client("192.0.2.1"), "Retry-After was true");
    refused(Duration.ofSeconds(20), client("192.0.2.1"));
    pass(Duration.ofDays(1000));
    for (int i = 0; i < 3; i++) {
      assertNull(client("192.0.2.1"), "no more than a full bucket");
    }
    refused(Duration.ofSeconds(20), client("192.0.2.1"));
    assertEquals(List.of("client", "client", "client", "client"), refusals);
  }

  @Test
  void anIpv6ClientIsItsFirst64Bits() {
    for (int i = 1; i <= 3; i++) {
      assertNull(client("2001:db8:0:1::" + i));
    }
    assertNotNull(client("2001:db8:0:1:ffff::"));
    assertNull(client("2001:db8:0:2::1"));
    for (int i = 0; i < 3; i++) {
      assertNull(client("::ffff:192.0.2.1"));
    }
    assertNotNull(client("192.0.2.1"), "the same client");
  }

  @Test
  void manyNetworksOfOneSiteTogetherHave16TimesTheLimit() {
    int taken = 0;
    for (int network = 0; network < 1000; network++) {
      taken += client("2001:db8:7:" + Integer.toHexString(network) + "::1") == null ? 1 : 0;
    }
    assertEquals(48, taken);
    assertNull(client("2001:db8:8::1"), "another site");
    assertNull(client("192.0.2.1"));
  }

  @Test
  void recipientsAreCountedWithoutTheirTag() {
    assertNull(recipient("victim+1@example.org", null));
    assertNull(recipient("Victim@example.org", null));
    refused(Duration.ofHours(12), recipient("victim+3@example.org", null));
    assertNull(recipient("victim+3@example.com", null));
    assertEquals(List.of("recipient"), refusals);
  }

  @ParameterizedTest
  @CsvSource({
    "a@b.org,      a@b.org",
    "A+x+y@b.org,  a@b.org",
    "a+@b.org,     a@b.org",
    "+x@b.org,     +x@b.org",
    "a.b@b.org,    a.b@b.org",
  })
  void mailboxes(String email, String mailbox) {
    assertEquals(mailbox, SignupLimits.mailbox(email));
  }

  @Test
  void repeatsWithTheSameKeyAreNotCounted() {
    for (int i = 0; i < 9; i++) {
      assertNull(recipient("a@example.org", "key"));
    }
    assertNull(recipient("a+2@example.org", "key"), "another address is another sign-up");
    assertNotNull(recipient("a+3@example.org", "key"));
    assertNotNull(recipient("a+3@example.org", "key"), "one that was refused has no free repeat");
    assertNull(recipient("a@example.org", "key"), "nor is a repeat refused");
    assertNotNull(recipient("a@example.org", null));
  }

  /** A client without a key can't repeat a sign-up, so what stored nothing is not counted. */
  @Test
  void whatStoredNothingIsGivenBack() {
    var broken = limits.givingBack(request -> new SignupOutcome.Unavailable("", Duration.ZERO));
    var taken = limits.givingBack(request -> new SignupOutcome.AddressTaken());
    for (int i = 0; i < 9; i++) {
      assertNull(recipient("a@example.org", null));
      broken.apply(request("a@example.org", null));
    }
    for (int i = 0; i < 2; i++) {
      assertNull(recipient("a@example.org", null), "taken or not, it is counted");
      taken.apply(request("a@example.org", null));
    }
    assertNotNull(recipient("a@example.org", null));
    broken.apply(request("a@example.org", "key"));
    assertNotNull(recipient("a@example.org", null), "its repeat would be free");
  }

  @Test
  void memoryIsBounded() {
    TokenBuckets buckets = new TokenBuckets(new Rate(1, Duration.ofHours(1)), now::get);
    buckets.take(-1);
    for (int key = 0; key < 3 * TokenBuckets.MOST; key++) {
      assertEquals(Duration.ZERO, buckets.take(key));
      assertTrue(!buckets.take(-1).isZero(), "one that is asked for stays");
    }
    assertEquals(TokenBuckets.MOST, buckets.size());
  }

  @Test
  void retryAfterIsRoundedUp() {
    assertTrue(words(Duration.ofMillis(1001)).endsWith("Try again in 2 seconds."));
    assertTrue(words(Duration.ofMillis(119_001)).endsWith("Try again in 2 minutes."));
    assertTrue(words(Duration.ofMillis(17_280_000)).endsWith("Try again in 5 hours."));
  }

  private static String words(Duration retryAfter) {
    return new Limited(Limited.Reason.CLIENT, retryAfter).words();
  }
}
