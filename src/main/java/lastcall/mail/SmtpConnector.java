package lastcall.mail;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final AppConfig.Smtp smtp;
  private final String host;
  private final int port;
  private final SSLSocketFactory tls;
  private final @Nullable URLName login;
  private final Session session;

  SmtpConnector(AppConfig.Smtp smtp, String host, int port, SSLSocketFactory tls) {
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
    p.put("mail.smtp.localhost", from.substring(from.indexOf('@') + 1));
    p.put("mail.smtp.quitwait", "false"); // or a server that ignores QUIT costs a whole timeout
    p.put("mail.smtp.auth", String.valueOf(login != null));
    p.put("mail.smtp.auth.mechanisms", "PLAIN LOGIN");
    if (smtp.tls() == Tls.STARTTLS) {
      p.put("mail.smtp.starttls.enable", "true");
      p.put("mail.smtp.starttls.required", "true"); // or the password would go out unencrypted
      p.put("mail.smtp.ssl.checkserveridentity", "true");
      p.put("mail.smtp.ssl.socketFactory", tls);
    }
    return p;
  }

  Session session() {
    return session;
  }

  /**
   * Connects, greets, encrypts and logs in, as configured; each step at most {@code smtp.timeout}.
   */
  PhaseTrackingTransport open(SendProgress progress)
      throws IOException, MessagingException, InterruptedException {
    progress.enter(SmtpPhase.CONNECT);
    InetAddress address = resolve();
    Socket raw = new Socket();
    boolean opened = false;
    try {
      progress.attach(raw);
      int millis = Math.toIntExact(smtp.timeout().toMillis());
      raw.setTcpNoDelay(true); // with Nagle's algorithm a text over 8 KB takes 40 ms longer
      raw.setSoTimeout(millis);
      raw.connect(new InetSocketAddress(address, port), millis);
      Socket socket = smtp.tls() == Tls.TLS ? encrypt(raw, progress) : raw;
      progress.enter(SmtpPhase.GREETING);
      PhaseTrackingTransport transport =
          new PhaseTrackingTransport(session, login, raw, smtp.dotTimeout(), progress);
      transport.connect(socket);
      if (login != null && !transport.offersAuth()) { // Angus would send without a login
        progress.enter(SmtpPhase.AUTH);
        throw new MessagingException("the server offers no AUTH");
      }
      opened = true;
      return transport;
    } finally {
      if (!opened) {
        SendProgress.closeQuietly(raw);
      }
    }
  }

  /** On a thread of its own, since a look-up has no timeout and can't be interrupted. */
  private InetAddress resolve() throws IOException, InterruptedException {
    FutureTask<InetAddress> lookup = new FutureTask<>(() -> InetAddress.getByName(host));
    Thread.ofPlatform().daemon().name("smtp-lookup").start(lookup);
    Duration timeout = smtp.timeout();
    try {
      byte[] address = lookup.get(timeout.toNanos(), TimeUnit.NANOSECONDS).getAddress();
      // The name comes along, or Angus would look it up by the address.
      return InetAddress.getByAddress(host, address);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException("look-up of the server's name timed out");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private SSLSocket encrypt(Socket raw, SendProgress progress) throws IOException {
    progress.enter(SmtpPhase.STARTTLS);
    SSLSocket socket = (SSLSocket) tls.createSocket(raw, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
