package lastcall.mail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import lastcall.config.AppConfig;
import lastcall.config.AppConfig.Tls;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * One SMTP connection that reports each step to {@link SendProgress}. Angus's exceptions are not
 * enough: a read timeout looks the same in every phase, and the last return code may be that of
 * RSET. One thread uses it at a time.
 */
final class PhaseTrackingTransport extends SMTPTransport {
  private final ReplyLimitedSocket raw;
  private final int timeout; // milliseconds
  private SendProgress progress;
  private final boolean plain; // without TLS
  private int lastCode;
  private boolean early; // a reply was there before the last command was sent
  private int messages;
  private long idleSince;
  private @Nullable AtomicInteger open; // null while it is not counted

  /**
   * @param login null for none
   * @param raw the TCP connection below any TLS, kept to be closed by other threads
   */
  PhaseTrackingTransport(
      Session session,
      @Nullable URLName login,
      ReplyLimitedSocket raw,
      AppConfig.Smtp smtp,
      SendProgress progress) {
    super(session, login);
    this.raw = raw;
    this.plain = smtp.tls() == Tls.NONE;
    this.timeout = Math.toIntExact(smtp.timeout().toMillis());
    this.progress = progress;
  }

  /** From now on until it is dropped it counts as open. */
  void countIn(AtomicInteger open) {
    this.open = open;
    open.incrementAndGet();
  }

  /** Takes a kept connection over for another send. */
  void usedBy(SendProgress next) throws IOException {
    progress = next;
    next.attach(raw);
  }

  /** Messages begun on this connection. */
  int messages() {
    return messages;
  }

  void idleSince(long nanoTime) {
    idleSince = nanoTime;
  }

  long idleSince() {
    return idleSince;
  }

  /** Whether a connection that has idled for so long no longer answers NOOP. */
  boolean isStale(Duration unchecked) throws MessagingException {
    if (messages == 0 || System.nanoTime() - idleSince <= unchecked.toNanos()) {
      return false;
    }
    boundReads(timeout);
    return !isConnected();
  }

  /** The server has answered the last command, RSET after a failure, with 250. */
  boolean isReset() {
    return lastCode == 250;
  }

  boolean offersAuth() {
    return supportsExtension("AUTH") || supportsExtension("AUTH=LOGIN");
  }

  /**
   * The server's AUTH mechanisms, for the log. The server could write anything there, so only what
   * RFC 4422 allows as a name is taken, and not much of it.
   */
  String authMechanisms() {
    String offered = Objects.requireNonNullElse(getExtensionParameter("AUTH"), "");
    String names =
        Pattern.compile(" +")
            .splitAsStream(offered)
            .filter(name -> name.matches("[A-Za-z0-9_-]{1,20}"))
            .limit(8)
            .collect(Collectors.joining(" "));
    return names.isEmpty() ? "none" : names;
  }

  /**
   * Says QUIT and does not wait for its answer; the little text fits into the socket's buffer. With
   * a time limit for reads, TLS would wait so long for the server's end of it.
   */
  void quit() {
    try {
      boundReads(0);
      close();
    } catch (MessagingException | RuntimeException e) {
      // The server has closed it before us.
    } finally {
      drop();
    }
  }

  /**
   * Ends the connection at once. QUIT is not sent, since after a failure it might become part of
   * the e-mail's text.
   */
  void drop() {
    ReplyLimitedSocket.closeQuietly(raw);
    AtomicInteger counted = open;
    if (counted != null) {
      open = null;
      counted.decrementAndGet();
    }
  }

  @Override
  protected boolean ehlo(String domain) throws MessagingException {
    progress.enter(SmtpPhase.EHLO);
    boundReads(timeout); // the greeting had less
    return super.ehlo(domain);
  }

  private void boundReads(int millis) throws MessagingException {
    try {
      raw.setSoTimeout(millis);
    } catch (SocketException e) {
      throw new MessagingException("closed", e);
    }
  }

  @Override
  protected void startTLS() throws MessagingException {
    progress.enter(SmtpPhase.STARTTLS);
    super.startTLS();
  }

  @Override
  public synchronized int simpleCommand(String command) throws MessagingException {
    if (command.startsWith("AUTH ")) {
      progress.enter(SmtpPhase.AUTH);
    }
    return super.simpleCommand(command);
  }

  @Override
  protected void mailFrom() throws MessagingException {
    progress.enter(SmtpPhase.MAIL);
    messages++;
    // From here on the sweep ends a wait that is too long. A read with a time limit on a virtual
    // thread would start and stop a timer of the JDK, a third of the processor time of a send.
    boundReads(0);
    super.mailFrom();
  }

  @Override
  protected void rcptTo() throws MessagingException {
    progress.enter(SmtpPhase.RCPT);
    askWhetherToGoOn();
    super.rcptTo();
  }

  @Override
  protected OutputStream data() throws MessagingException {
    progress.enter(SmtpPhase.DATA);
    askWhetherToGoOn();
    return super.data();
  }

  private void askWhetherToGoOn() throws MessagingException {
    if (!progress.mayGoOn()) {
      throw new MessagingException("not begun");
    }
  }

  @Override
  protected void finishData() throws IOException, MessagingException {
    // Sending the text may have taken longer than the lease: then another instance may have claimed
    // the e-mail and be sending it.
    if (!progress.mayGoOn() || !progress.passDot()) {
      throw new MessagingException("cut off before the final dot");
    }
    super.finishData();
  }

  @Override
  protected void sendCommand(String command) throws MessagingException {
    early = plain && raw.hasMore();
    super.sendCommand(command);
  }

  /**
   * From MAIL on, a reply that had come before its command answers another one. Taken for the
   * answer, it would make an e-mail count as sent that the server refuses. As no answer at all, it
   * costs the connection, and the e-mail is tried again. But a server that refuses in the middle of
   * the text means this text.
   */
  @Override
  protected int readServerResponse() throws MessagingException {
    lastCode = 0;
    progress.awaiting();
    raw.replyBegins();
    lastCode = super.readServerResponse();
    if ((early || raw.replyWasThere()) && mustWait(progress.phase(), lastCode)) {
      lastCode = -1;
    }
    progress.answered(lastCode, decoded(getLastServerResponse()));
    return lastCode;
  }

  private static boolean mustWait(SmtpPhase phase, int code) {
    return phase == SmtpPhase.DOT ? code < 400 : phase.compareTo(SmtpPhase.MAIL) >= 0;
  }

  /**
   * Angus makes each byte of a reply a character (Latin-1). Its property that would read UTF-8 also
   * adds SMTPUTF8 to MAIL, so we go back to the bytes. What is not UTF-8 stays Latin-1.
   */
  private static String decoded(String latin1) {
    String decoded = new String(latin1.getBytes(ISO_8859_1), UTF_8);
    return decoded.indexOf('\uFFFD') < 0 ? decoded : latin1;
  }
}
