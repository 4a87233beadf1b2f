package lastcall.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.webserver.http.ServerRequest;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import lastcall.config.AppConfig;
import lastcall.config.Rate;
import lastcall.http.TrustedProxies;
import lastcall.log.EventLog;
import lastcall.signup.SignupOutcome;
import lastcall.signup.SignupRequest;
import org.jspecify.annotations.Nullable;

/**
 * How many sign-ups one client, and one mailbox, may ask for, and how many requests of one client
 * are open at once. All of it is in the memory of this process, and nothing in it names anybody.
 *
 * <p>A client is an IPv4 address, or the 64 first bits of an IPv6 address: who has one IPv6 address
 * has all that begin so. Many have 65,536 times as much, so all with the same 48 bits together have
 * {@value #SITE} times the limit.
 */
public final class SignupLimits {
  private static final EventLog LOG = EventLog.of(SignupLimits.class);
  private static final int SITE = 16;

  /** When a request of the same client may have ended. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private static final long LOG_PAUSE = Duration.ofSeconds(10).toNanos();

  private final TrustedProxies proxies;
  private final boolean byClient;
  private final TokenBuckets clients;
  private final TokenBuckets sites;
  private final TokenBuckets mailboxes;
  private final TokenBuckets repeats;
  private final int mostRequests;
  private final ConcurrentHashMap<Long, Integer> requests = new ConcurrentHashMap<>();
  private final byte[] salt = new SecureRandom().generateSeed(16);
  private final Consumer<String> refusals;
  private final LongSupplier nanoTime;
  private final AtomicInteger unlogged = new AtomicInteger();
  private final AtomicLong lastLog;

  /**
   * @param refusals called with the reason of each refusal: client, requests or recipient
   */
  public SignupLimits(AppConfig.ClientLimits config, Consumer<String> refusals) {
    this(config, refusals, System::nanoTime);
  }

  SignupLimits(AppConfig.ClientLimits config, Consumer<String> refusals, LongSupplier nanoTime) {
    Rate rate = config.clientRate();
    this.proxies = new TrustedProxies(config.trustedProxies());
    this.nanoTime = nanoTime;
    this.byClient = rate != null || config.requests() > 0;
    this.clients = new TokenBuckets(rate, nanoTime);
    Rate site = rate == null ? null : new Rate(SITE * rate.count(), rate.per());
    this.sites = new TokenBuckets(site, nanoTime);
    this.mailboxes = new TokenBuckets(config.recipientRate(), nanoTime);
    this.repeats = new TokenBuckets(new Rate(1, Duration.ofDays(1)), nanoTime);
    this.mostRequests = config.requests() == 0 ? Integer.MAX_VALUE : config.requests();
    this.refusals = refusals;
    this.lastLog = new AtomicLong(nanoTime.getAsLong() - LOG_PAUSE);
  }

  /** Counts a sign-up of that client, before its body is read; null if it goes on. */
  @Nullable Limited client(ServerRequest request) {
    InetAddress client = byClient ? proxies.client(request) : null;
    return client == null ? null : client(client);
  }

  @Nullable Limited client(InetAddress client) {
    Duration wait = clients.take(network(client));
    if (wait.isZero() && client.getAddress().length == 16) {
      wait = sites.take(network(client) >>> 16);
      if (!wait.isZero()) {
        clients.giveBack(network(client));
      }
    }
    return wait.isZero() ? null : refused(Limited.Reason.CLIENT, wait);
  }

  /** Runs the request unless that many of its client run already. */
  @Nullable Limited open(ServerRequest request, Runnable handler) {
    InetAddress client = byClient ? proxies.client(request) : null;
    if (client == null) {
      handler.run();
      return null;
    }
    long network = network(client);
    try {
      if (requests.merge(network, 1, Integer::sum) > mostRequests) {
        return refused(Limited.Reason.REQUESTS, SOON);
      }
      handler.run();
      return null;
    } finally {
      requests.computeIfPresent(network, (key, open) -> open == 1 ? null : open - 1);
    }
  }

  /**
   * Counts a valid sign-up for its mailbox; null if it goes on. Whether the address is taken does
   * not matter, or the limit would tell. A repeat with the same Idempotency-Key is not counted
   * within a day: however often it comes, it makes one e-mail.
   */
  @Nullable Limited recipient(SignupRequest request) {
    String key = request.idempotencyKey();
    if (key != null && !repeats.full(repeat(request))) {
      return null;
    }
    Duration wait = mailboxes.take(hash(mailbox(request.email())));
    if (!wait.isZero()) {
      return refused(Limited.Reason.RECIPIENT, wait);
    }
    if (key != null) {
      repeats.take(repeat(request));
    }
    return null;
  }

  /**
   * The same sign-up; where it stored nothing, and no key tells its repeat from another, it is not
   * counted after all.
   */
  Function<SignupRequest, SignupOutcome> givingBack(Function<SignupRequest, SignupOutcome> signup) {
    return request -> {
      SignupOutcome outcome = signup.apply(request);
      boolean nothing =
          outcome instanceof SignupOutcome.Unavailable || outcome instanceof SignupOutcome.Stopping;
      if (nothing && request.idempotencyKey() == null) {
        mailboxes.giveBack(hash(mailbox(request.email())));
      }
      return outcome;
    };
  }

  /** The address without its tag, in the same case as everywhere: Ann+shop@ is ann@. */
  static String mailbox(String email) {
    String address = email.toLowerCase(Locale.ROOT);
    int plus = address.indexOf('+');
    int at = address.indexOf('@');
    return plus > 0 && plus < at ? address.substring(0, plus) + address.substring(at) : address;
  }

  private long repeat(SignupRequest request) {
    return hash(request.emailKey() + " " + request.idempotencyKey());
  }

  /** So that memory holds nobody's address. Nobody else knows the salt, and so no two that meet. */
  private long hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      return ByteBuffer.wrap(digest.digest(text.getBytes(UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static long network(InetAddress client) {
    byte[] bytes = client.getAddress();
    return new BigInteger(Arrays.copyOf(bytes, Math.min(8, bytes.length))).longValue();
  }

  private Limited refused(Limited.Reason reason, Duration retryAfter) {
    String word = reason.name().toLowerCase(Locale.ROOT);
    refusals.accept(word);
    int count = unlogged.incrementAndGet();
    long last = lastLog.get();
    long now = nanoTime.getAsLong();
    if (now - last >= LOG_PAUSE && lastLog.compareAndSet(last, now)) {
      unlogged.addAndGet(-count);
      LOG.warn(
          "requests refused with 429, since their client or their recipient has had enough refused=%s last=%s",
          count, word);
    }
    return new Limited(reason, retryAfter);
  }
}
