package lastcall.mail;

import jakarta.mail.MessagingException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import org.jspecify.annotations.Nullable;

/**
 * Sends over kept SMTP connections with Angus Mail. Each send is bounded by closing its socket from
 * one shared timer thread, which ends reads, writes and handshakes alike, on any kind of thread.
 */
public final class AngusMailer implements Mailer {
  private static final String STREAM_PROVIDER = "jakarta.mail.util.StreamProvider";
  private static final Duration MAX_IDLE = Duration.ofSeconds(30);
  private static final Duration CHECK_AFTER_IDLE = Duration.ofSeconds(5);

  private final SmtpConnector connector;
  private final WelcomeTemplate template;
  private final String from;
  private final Duration timeout;
  private final Duration dotTimeout;
  private final SmtpListener listener;
  final ScheduledThreadPoolExecutor timer; // not private, so that a test can break it
  private final TransportPool pool;
  final Set<SendProgress> inFlight = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;

  /**
   * @param host where to connect to; with the mail catcher this is not {@code smtp.host}
   * @param concurrency how many connections are kept: as many as there are sends at a time
   * @throws IllegalArgumentException if {@code smtp.from} is no plain address
   */
  public AngusMailer(
      AppConfig.Smtp smtp, String host, int port, int concurrency, SmtpListener listener) {
    this(
        smtp,
        host,
        port,
        concurrency,
        MAX_IDLE,
        // Without TLS it is not needed, and Java would read the certificates that it trusts.
        smtp.tls() == Tls.NONE ? null : (SSLSocketFactory) SSLSocketFactory.getDefault(),
        listener);
  }

  AngusMailer(
      AppConfig.Smtp smtp,
      String host,
      int port,
      int concurrency,
      Duration maxIdle,
      @Nullable SSLSocketFactory tls,
      SmtpListener listener) {
    // Without this property Angus asks a ServiceLoader for its streams at every message, which is
    // half of the processor time of a send. It can only be set for the whole process.
    if (System.getProperty(STREAM_PROVIDER) == null) {
      System.setProperty(STREAM_PROVIDER, "org.eclipse.angus.mail.util.MailStreamProvider");
    }
    connector = new SmtpConnector(smtp, host, port, tls);
    template = WelcomeTemplate.load();
    from = smtp.from();
    this.listener = listener;
    timeout = smtp.timeout();
    dotTimeout = smtp.dotTimeout();
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("smtp-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(1, TimeUnit.SECONDS); // without sends the timer's thread ends
    timer.allowCoreThreadTimeOut(true);
    pool = new TransportPool(concurrency, maxIdle, timer);
  }

  @Override
  public SendOutcome send(WelcomeMail mail, BooleanSupplier mayGoOn) {
    WelcomeMessage message = new WelcomeMessage(connector.session(), from, mail, template);
    SendProgress progress = new SendProgress(mayGoOn, listener, timeout, dotTimeout);
    Duration allowed = timeout.multipliedBy(3);
    // May throw for want of memory for the timer's thread, so it comes before inFlight is changed.
    ScheduledFuture<?> bound = expireIn(allowed, false, progress);
    ScheduledFuture<?> last = expireIn(allowed.plus(dotTimeout), true, progress);
    try {
      // First into the set, then the look at the flag. The cut sets the flag first and then goes
      // through the set, so one of the two sees the other.
      inFlight.add(progress);
      if (refusing) {
        return new SendOutcome.NotSent("the mailer no longer begins a send");
      }
      deliver(message, progress);
      return progress.outcome();
    } catch (RuntimeException | Error e) {
      if (progress.dotPassed()) { // the server may have the e-mail, whatever was thrown
        progress.failed(e);
        return progress.outcome();
      }
      throw e;
    } finally {
      bound.cancel(false);
      last.cancel(false);
      inFlight.remove(progress);
    }
  }

  private ScheduledFuture<?> expireIn(
      Duration allowed, boolean evenAfterDot, SendProgress progress) {
    return timer.schedule(
        () -> progress.expire(allowed, evenAfterDot), allowed.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void deliver(WelcomeMessage message, SendProgress progress) {
    PhaseTrackingTransport kept = pool.take();
    if (kept != null) {
      sendOn(kept, message, progress);
      if (!progress.connectionUsedUp()) {
        return;
      }
    }
    try {
      sendOn(connector.open(progress), message, progress);
    } catch (IOException | MessagingException e) {
      progress.failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      progress.failed(e);
    }
  }

  /** Sends on this connection, and keeps it only if the server is certain to take the next MAIL. */
  private void sendOn(
      PhaseTrackingTransport transport, WelcomeMessage message, SendProgress progress) {
    boolean reusable = false;
    try {
      transport.usedBy(progress);
      if (transport.isStale(CHECK_AFTER_IDLE)) {
        progress.enter(SmtpPhase.CONNECT); // forgets the answer to NOOP
        return;
      }
      transport.sendMessage(message, message.getAllRecipients());
      reusable = true;
    } catch (IOException | MessagingException e) {
      progress.failed(e);
      reusable = progress.rejected() && transport.isReset();
    } finally {
      if (progress.detach() && reusable) {
        pool.give(transport);
      } else {
        transport.drop();
      }
    }
  }

  @Override
  public void cutUnsent() {
    refusing = true;
    inFlight.forEach(SendProgress::cut);
  }

  @Override
  public void cutAll() {
    refusing = true;
    inFlight.forEach(SendProgress::cutAll);
  }

  @Override
  public void close() {
    refusing = true;
    pool.close();
  }
}
