package lastcall.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration, checked. Every key's default, range and reason stand in {@code
 * application.yaml}; these records only carry the values.
 */
public record AppConfig(
    Env env,
    Server server,
    Management management,
    Store database,
    Smtp smtp,
    Delivery delivery,
    Retention retention,
    Shutdown shutdown,
    Password password,
    Signup signup,
    Limits limits,
    ClientLimits clients) {

  public enum Env {
    DEVELOPMENT,
    PRODUCTION
  }

  /**
   * @param corsOrigins whose pages may sign people up, as browsers write them
   */
  public record Server(String host, int port, Set<String> corsOrigins) {}

  /**
   * @param token null is allowed on loopback only
   * @param readOnly no action of an operator is offered or allowed
   */
  public record Management(String host, int port, @Nullable String token, boolean readOnly) {
    @Override
    public String toString() {
      return "Management[" + host + ":" + port + "]"; // without the token
    }
  }

  /**
   * @param file the SQLite file of the url; null with PostgreSQL, and only there is a user
   */
  public record Store(
      String url, @Nullable Path file, @Nullable String user, @Nullable String password) {
    public static Store sqlite(Path file) {
      return new Store("jdbc:sqlite:" + file, file, null, null);
    }

    /** Where the lock and the mailbox are, too. */
    public Path directory() {
      Path absolute = (file == null ? Path.of("data/postgresql") : file).toAbsolutePath();
      Path parent = absolute.getParent();
      return parent == null ? absolute : parent;
    }

    @Override
    public String toString() {
      return "Store[" + url + "]"; // without the password
    }
  }

  public enum Tls {
    NONE,
    STARTTLS,
    TLS
  }

  /**
   * @param helo our name in EHLO; null for the domain of {@code from}
   * @param timeout for connecting and for each answer but the last; all of them together may take
   *     three times that
   * @param dotTimeout for the answer to the final dot
   * @param embeddedDelay what the mail catcher waits before it answers 250
   */
  public record Smtp(
      String host,
      int port,
      @Nullable String username,
      @Nullable String password,
      Tls tls,
      String from,
      @Nullable String helo,
      Duration timeout,
      Duration dotTimeout,
      Duration embeddedDelay) {
    public boolean embedded() {
      return host.equals("embedded");
    }

    /** What Message-IDs end with. */
    public String domain() {
      return from.substring(from.indexOf('@') + 1);
    }

    /** The same without TLS and password: for the mail catcher on loopback. */
    public Smtp plain() {
      return new Smtp(
          host, port, null, null, Tls.NONE, from, helo, timeout, dotTimeout, embeddedDelay);
    }

    @Override
    public String toString() {
      return "Smtp[" + host + ":" + port + "]"; // without the password
    }
  }

  /**
   * @param maxUnknown how often the final dot of one e-mail may go unanswered
   * @param rate of all instances together
   */
  public record Delivery(
      int concurrency,
      Duration lease,
      int maxAttempts,
      int maxUnknown,
      Duration backoffInitial,
      Duration backoffMax,
      DeliveryRate rate) {}

  /**
   * How long rows are kept behind their end, by the database's clock; zero keeps them for ever.
   *
   * @param refused for all that was given up or cancelled
   * @param every how often the older ones are deleted
   */
  public record Retention(Duration sent, Duration refused, Duration every) {}

  public enum Drain {
    DUE,
    IN_FLIGHT
  }

  public record Shutdown(
      Duration deadline, Duration preStopDelay, Duration requestGrace, Drain drain) {}

  public record Password(int memoryKib, int iterations, int maxQueued) {
    /** How many hashes at a time fit into half of the heap; the other half is for all else. */
    public long hashesInHeap() {
      return Runtime.getRuntime().maxMemory() / 2 / (memoryKib * 1024L);
    }
  }

  public enum TakenAddress {
    TELL,
    HIDE
  }

  public record Signup(TakenAddress takenAddress) {
    /** A sign-up with a taken address is answered as if it were new. */
    public boolean hidesTaken() {
      return takenAddress == TakenAddress.HIDE;
    }
  }

  public record Limits(
      int maxBody, Duration requestTimeout, Duration responseTimeout, Duration idleTimeout) {}

  /**
   * How much one client, and one recipient, may have of the service; null for no limit.
   *
   * @param trustedProxies whose word is taken for who the client is
   * @param requests open at once, 0 for no limit
   */
  public record ClientLimits(
      List<Network> trustedProxies,
      @Nullable Rate clientRate,
      int requests,
      @Nullable Rate recipientRate) {
    public static final ClientLimits NONE = new ClientLimits(List.of(), null, 0, null);
  }
}
