package lastcall.mail;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSocketFactory;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import lastcall.kinds.MailKind;
import lastcall.log.EventLog;
import org.jspecify.annotations.Nullable;

/**
 * Sends over kept SMTP connections with Angus Mail. A sweep over all sends closes the socket of
 * each that takes too long, which ends reads, writes and handshakes alike, on any kind of thread.
 */
public final class AngusMailer implements Mailer {
  private static final Duration MAX_IDLE = Duration.ofSeconds(30);
  private static final Duration CHECK_AFTER_IDLE = Duration.ofSeconds(5);

  /** An e-mail whose kind a newer version has stored is looked at again after this. */
  private static final Duration UNKNOWN_KIND = Duration.ofMinutes(5);

  private static final EventLog LOG = EventLog.of(AngusMailer.class);

  private final SmtpConnector connector;
  private final Map<String, MailTemplate> templates = new HashMap<>(); // by kind
  private final Set<String> unknownKinds = ConcurrentHashMap.newKeySet(); // that were met
  private final Duration timeout;
  private final Duration dotTimeout;
  private final long shortest; // of the two, in nanoseconds
  private final SmtpListener listener;
  final ScheduledThreadPoolExecutor timer; // not private, so that a test can break it
  private final TransportPool pool;
  final Set<SendProgress> inFlight = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean sweeping = new AtomicBoolean(); // a sweep runs or is scheduled
  private volatile boolean refusing;

  /**
   * @param host where to connect to; with the mail catcher this is not {@code smtp.host}
   * @param concurrency how many connections are kept: as many as there are sends at a time
   * @param kinds every kind of e-mail that it can write
   * @throws IllegalArgumentException if {@code smtp.from} is no plain address, or a kind's
   *     templates don't go with its data
   */
  public AngusMailer(
      AppConfig.Smtp smtp,
      String host,
      int port,
      int concurrency,
      List<MailKind<?>> kinds,
      SmtpListener listener) {
    this(
        smtp,
        host,
        port,
        concurrency,
        kinds,
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
      List<MailKind<?>> kinds,
      Duration maxIdle,
      @Nullable SSLSocketFactory tls,
      SmtpListener listener) {
    connector = new SmtpConnector(smtp, host, port, tls);
    kinds.forEach(kind -> templates.put(kind.name(), new MailTemplate(smtp.from(), kind)));
    this.listener = listener;
    timeout = smtp.timeout();
    dotTimeout = smtp.dotTimeout();
    shortest = Math.min(timeout.toNanos(), dotTimeout.toNanos());
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("smtp-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(1, TimeUnit.SECONDS); // without sends the timer's thread ends
    timer.allowCoreThreadTimeOut(true);
    pool = new TransportPool(concurrency, maxIdle, timer);
  }

  @Override
  public SendOutcome send(OutgoingMail mail, BooleanSupplier mayGoOn) {
    MailTemplate template = templates.get(mail.kind());
    if (template == null) {
      if (unknownKinds.add(mail.kind())) {
        LOG.warn(
            "kind of e-mail unknown to this version, its e-mails wait for a newer one kind=%s",
            mail.kind());
      }
      return new SendOutcome.NotSent("kind unknown to this version: " + mail.kind(), UNKNOWN_KIND);
    }
    MimeMessage message = template.fill(mail);
    SendProgress progress = new SendProgress(mayGoOn, listener, timeout, dotTimeout);
    try {
      // First into the set, then the look at each flag. The cut and the sweep set their flag first
      // and then go through the set, so one of the two sees the other.
      inFlight.add(progress);
      sweepIfNeeded();
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
      inFlight.remove(progress);
    }
  }

  /** How many connections are open, in use or kept. */
  public int connections() {
    return connector.open.get();
  }

  private void sweepIfNeeded() {
    if (!inFlight.isEmpty() && sweeping.compareAndSet(false, true)) {
      sweepIn(shortest);
    }
  }

  /** Throws where there is no memory for the timer's thread. Then the next send tries again. */
  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it, or cancels it
  private void sweepIn(long nanos) {
    boolean scheduled = false;
    try {
      timer.schedule(this::sweep, nanos, TimeUnit.NANOSECONDS);
      scheduled = true;
    } finally {
      sweeping.set(scheduled);
    }
  }

  /**
   * Ends what takes too long, and comes again when the next send may. A wait that begins after this
   * can't be over sooner than the shortest of the timeouts, so none is seen too late.
   */
  private void sweep() {
    long next = shortest;
    try {
      for (SendProgress progress : inFlight) {
        long left = progress.sweep(System.nanoTime());
        next = left > 0 ? Math.min(next, left) : next;
      }
    } finally {
      if (inFlight.isEmpty()) {
        sweeping.set(false);
        sweepIfNeeded();
      } else {
        sweepIn(next);
      }
    }
  }

  private void deliver(MimeMessage message, SendProgress progress) {
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
      PhaseTrackingTransport transport, MimeMessage message, SendProgress progress) {
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
