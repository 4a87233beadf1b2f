package lastcall.mail;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * One SMTP connection that reports each step to {@link SendProgress}. Angus's exceptions are not
 * enough: a read timeout looks the same in every phase, and the last return code may be that of
 * RSET. One thread uses it at a time.
 */
final class PhaseTrackingTransport extends SMTPTransport {
  private final Socket raw;
  private final int dotTimeout; // milliseconds
  private SendProgress progress;
  private int lastCode;
  private int messages;
  private long idleSince;

  /**
   * @param login null for none
   * @param raw the TCP connection below any TLS, kept to be closed by other threads
   */
  PhaseTrackingTransport(
      Session session,
      @Nullable URLName login,
      Socket raw,
      Duration dotTimeout,
      SendProgress progress) {
    super(session, login);
    this.raw = raw;
    this.dotTimeout = Math.toIntExact(dotTimeout.toMillis());
    this.progress = progress;
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
  boolean isStale(Duration unchecked) {
    boolean idled = messages > 0 && System.nanoTime() - idleSince > unchecked.toNanos();
    return idled && !isConnected();
  }

  /** The server has answered the last command, RSET after a failure, with 250. */
  boolean isReset() {
    return lastCode == 250;
  }

  boolean offersAuth() {
    return supportsExtension("AUTH") || supportsExtension("AUTH=LOGIN");
  }

  /**
   * Ends the connection at once. QUIT is not sent, since after a failure it might become part of
   * the e-mail's text.
   */
  void drop() {
    SendProgress.closeQuietly(raw);
  }

  @Override
  protected boolean ehlo(String domain) throws MessagingException {
    progress.enter(SmtpPhase.EHLO);
    return super.ehlo(domain);
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
    super.mailFrom();
  }

  @Override
  protected void rcptTo() throws MessagingException {
    progress.enter(SmtpPhase.RCPT);
    super.rcptTo();
  }

  @Override
  protected OutputStream data() throws MessagingException {
    progress.enter(SmtpPhase.DATA);
    if (!progress.mayGoOn()) {
      throw new MessagingException("not begun");
    }
    return super.data();
  }

  @Override
  protected void finishData() throws IOException, MessagingException {
    // Sending the text may have taken longer than the lease: then another instance may have claimed
    // the e-mail and be sending it.
    if (!progress.mayGoOn() || !progress.passDot()) {
      throw new MessagingException("cut off before the final dot");
    }
    int usual = raw.getSoTimeout();
    raw.setSoTimeout(dotTimeout);
    super.finishData();
    raw.setSoTimeout(usual);
  }

  @Override
  protected int readServerResponse() throws MessagingException {
    lastCode = 0;
    progress.awaiting();
    lastCode = super.readServerResponse();
    progress.answered(lastCode, getLastServerResponse());
    return lastCode;
  }
}
