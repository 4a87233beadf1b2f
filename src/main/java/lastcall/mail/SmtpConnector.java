package lastcall.mail;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import org.jspecify.annotations.Nullable;

/**
 * Opens SMTP connections. We make the sockets and hand them to Angus, which speaks the protocol on
 * them. If Angus made them, a cut could not close a socket that is still connecting.
 */
final class SmtpConnector {
  /** A seam for tests, which have no name with two addresses. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  private final Resolver resolver;
  private final AppConfig.Smtp smtp;
  private final String host;
  private final int port;
  private final @Nullable SSLSocketFactory tls; // null without TLS
  private final @Nullable URLName login;
  private final Session session;
  final AtomicInteger open = new AtomicInteger(); // connections that have greeted
  private volatile @Nullable InetAddress lastGood;

  SmtpConnector(AppConfig.Smtp smtp, String host, int port, @Nullable SSLSocketFactory tls) {
    this(smtp, host, port, tls, InetAddress::getAllByName);
  }

  SmtpConnector(
      AppConfig.Smtp smtp,
      String host,
      int port,
      @Nullable SSLSocketFactory tls,
      Resolver resolver) {
    this.resolver = resolver;
    this.smtp = smtp;
    this.host = host;
    this.port = port;
    this.tls = tls;
    // Without the host, since the hash code of a URLName looks its host up in DNS.
    this.login =
        smtp.username() == null
            ? null
            : new URLName("smtp", null, -1, null, smtp.username(), smtp.password());
    this.session = Session.getInstance(properties());
  }

  private Properties properties() {
    String from = MailAddress.strict(smtp.from()).getAddress();
    Properties p = new Properties();
    // With these three set, Angus does not look up the name of this machine.
    p.put("mail.smtp.from", from);
    p.put("mail.from", from);
    p.put("mail.smtp.localhost", Objects.requireNonNullElse(smtp.helo(), smtp.domain()));
    p.put("mail.smtp.quitwait", "false"); // or a server that ignores QUIT costs a whole timeout
    p.put("mail.smtp.auth", String.valueOf(login != null));
    p.put("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
    if (smtp.tls() == Tls.STARTTLS) {
      p.put("mail.smtp.starttls.enable", "true");
      p.put("mail.smtp.starttls.required", "true"); // or the password would go out unencrypted
      p.put("mail.smtp.ssl.checkserveridentity", "true");
      p.put("mail.smtp.ssl.socketFactory", Objects.requireNonNull(tls));
    }
    return p;
  }

  /**
   * Connects, greets, encrypts and logs in, as configured; each step at most {@code smtp.timeout}.
   *
   * <p>The addresses of the host are tried one after the other (RFC 5321, section 5.1). An address
   * fails if it gets us no further than STARTTLS: a server that is down may accept connections, or
   * answer 421, or have a certificate that has expired. Only a failed login ends it, since servers
   * count wrong passwords. After a cut each further address fails at once.
   */
  PhaseTrackingTransport open(SendProgress progress)
      throws IOException, MessagingException, InterruptedException {
    progress.enter(SmtpPhase.CONNECT);
    List<InetAddress> addresses = resolve();
    // Each may take an equal part of smtp.timeout to connect, and as much to greet, so that those
    // that never answer leave time for the next.
    int millis = Math.max(1, Math.toIntExact(smtp.timeout().toMillis()) / addresses.size());
    Map<InetAddress, SmtpFailure> failures = new LinkedHashMap<>();
    for (InetAddress address : addresses) {
      try {
        PhaseTrackingTransport transport = open(address, millis, progress);
        lastGood = address;
        return transport;
      } catch (IOException | MessagingException e) {
        if (addresses.size() == 1 || progress.phase() == SmtpPhase.AUTH) {
          throw e;
        }
        progress.failed(e);
        failures.put(address, progress.failure());
      }
    }
    throw furthest(failures, progress);
  }

  /** The failures that count are those of the addresses that let us come furthest. */
  private static KnownFailure furthest(
      Map<InetAddress, SmtpFailure> failures, SendProgress progress) {
    SmtpFailure furthest =
        Collections.max(failures.values(), Comparator.comparing(SmtpFailure::phase));
    failures.values().removeIf(failure -> failure.phase() != furthest.phase());
    Set<String> reasons = new HashSet<>();
    List<String> each = new ArrayList<>();
    failures.forEach((address, failure) -> {
      reasons.add(failure.reason());
      each.add(failure.reason() + " at " + address.getHostAddress());
    });
    String all = failures.size() == 1 ? "" : " (" + failures.size() + " addresses)";
    progress.endAsAt(furthest);
    return new KnownFailure(
        reasons.size() == 1 ? furthest.reason() + all : String.join(", ", each), furthest.detail());
  }

  private PhaseTrackingTransport open(InetAddress address, int millis, SendProgress progress)
      throws IOException, MessagingException {
    progress.enter(SmtpPhase.CONNECT);
    ReplyLimitedSocket raw = new ReplyLimitedSocket();
    boolean opened = false;
    try {
      progress.attach(raw);
      raw.setTcpNoDelay(true); // with Nagle's algorithm a text over 8 KB takes 40 ms longer
      raw.setSoTimeout(millis); // for the greeting, too
      raw.connect(new InetSocketAddress(address, port), millis);
      Socket socket = smtp.tls() == Tls.TLS ? encrypt(raw, progress) : raw;
      progress.enter(SmtpPhase.GREETING);
      PhaseTrackingTransport transport =
          new PhaseTrackingTransport(session, login, raw, smtp, progress);
      greet(transport, socket, millis, progress);
      transport.countIn(open);
      opened = true;
      return transport;
    } finally {
      if (!opened) {
        ReplyLimitedSocket.closeQuietly(raw);
      }
    }
  }

  private void greet(
      PhaseTrackingTransport transport, Socket socket, int millis, SendProgress progress)
      throws IOException, MessagingException {
    try {
      transport.connect(socket);
    } catch (AuthenticationFailedException e) {
      if (progress.phase() == SmtpPhase.AUTH) {
        throw e; // the server has refused the login
      }
      throw new KnownFailure(
          "no AUTH mechanism in common: server has " + transport.authMechanisms(), "");
    } catch (MessagingException e) {
      boolean silent = e.getNextException() instanceof SocketTimeoutException;
      if (silent && progress.phase() == SmtpPhase.GREETING && smtp.tls() == Tls.STARTTLS) {
        throw new KnownFailure(
            ("no greeting within " + FailureReason.words(Duration.ofMillis(millis)))
                + " (smtp.tls=tls?)",
            "");
      }
      throw e;
    }
    if (login != null && !transport.offersAuth()) { // Angus would send without a login
      progress.enter(SmtpPhase.AUTH);
      throw new KnownFailure("AUTH not offered", "");
    }
  }

  /**
   * The addresses, with the one that worked last before the others: while one of two is down, only
   * one send finds out. The look-up is on a thread of its own, since it has no timeout and can't be
   * interrupted.
   */
  private List<InetAddress> resolve() throws IOException, InterruptedException {
    FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> resolver.resolve(host));
    Thread.ofPlatform().daemon().name("smtp-lookup").start(lookup);
    try {
      List<InetAddress> addresses = new ArrayList<>();
      for (InetAddress found : lookup.get(smtp.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
        // The name comes along, or Angus would look it up by the address.
        addresses.add(InetAddress.getByAddress(host, found.getAddress()));
      }
      addresses.sort(Comparator.comparing(address -> !address.equals(lastGood)));
      return addresses;
    } catch (TimeoutException e) {
      throw new KnownFailure("look-up of " + host + " timed out", "");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownHostException unknown) {
        String said = String.valueOf(unknown.getMessage()); // the host, "host: why", or a sentence
        throw new KnownFailure(
            "unknown host " + host,
            said.startsWith(host) ? said.substring(host.length()).replaceFirst("^: ", "") : said);
      }
      throw new IOException(e.getCause());
    }
  }

  private SSLSocket encrypt(Socket raw, SendProgress progress) throws IOException {
    progress.enter(SmtpPhase.STARTTLS);
    SSLSocket socket = (SSLSocket) Objects.requireNonNull(tls).createSocket(raw, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
