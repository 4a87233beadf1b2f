package lastcall.mail;

import jakarta.mail.MessagingException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far one send has come. The thread that sends writes it; the stop and the timer may end the
 * send from threads of theirs. This object's lock orders them: if the cut comes first, no final dot
 * is sent; if the dot comes first, the cut leaves the send to wait for its answer. No thread does
 * I/O under the lock, so a slow server can't hold up the stop.
 */
final class SendProgress {
  private static final String END = "[EOF]"; // Angus's word for a connection that was closed

  private final BooleanSupplier mayGoOn;
  private final SmtpListener listener;
  private final Duration timeout;
  private final Duration dotTimeout;
  private final long began = System.nanoTime();
  private SmtpPhase phase = SmtpPhase.CONNECT;
  private boolean answered;
  private int code; // of the phase's reply, 0 while there is none
  private String text = "";
  private String reason = "connection lost"; // unless failed() or the code says otherwise
  private boolean waits; // for a reply, from MAIL on
  private long waitsSince;
  private boolean overdue; // the sweep ended the send while it waited for a reply
  private boolean timedOut;
  private @Nullable Duration expired; // the time that was not enough
  private boolean ended; // by a cut or the timer: no socket is attached and no dot sent any more
  private @Nullable String notSent; // the reason, if we ended the send and not the server
  private @Nullable Socket socket;

  /**
   * @param timeout smtp.timeout, for each reply; the whole send has three times as long
   * @param dotTimeout smtp.dot-timeout, for the reply to the final dot
   */
  SendProgress(
      BooleanSupplier mayGoOn, SmtpListener listener, Duration timeout, Duration dotTimeout) {
    this.mayGoOn = mayGoOn;
    this.listener = listener;
    this.timeout = timeout;
    this.dotTimeout = dotTimeout;
  }

  /** From here on a cut closes this socket. If the cut came before, the socket is closed now. */
  void attach(Socket raw) throws IOException {
    synchronized (this) {
      if (!ended) {
        socket = raw;
        return;
      }
    }
    raw.close();
    throw new SocketException("ended before it began");
  }

  /**
   * From here on no cut reaches the socket.
   *
   * @return false if a cut has ended this send: then the connection must not be kept. The thread
   *     that cuts closes the socket after it has left the lock, maybe only when the connection is
   *     in use by its next send, and that one would end as unknown if its final dot were out.
   */
  synchronized boolean detach() {
    socket = null;
    return !ended;
  }

  synchronized void enter(SmtpPhase next) {
    phase = next;
    waits = false;
    answered = false;
    code = 0;
    text = "";
    timedOut = false;
  }

  /**
   * Asks the caller of the send. We don't hold the lock meanwhile, since the answer may take long.
   */
  boolean mayGoOn() {
    boolean may = mayGoOn.getAsBoolean();
    synchronized (this) {
      if (!may) {
        ended = true;
        notSent = "it was no longer allowed to go on";
      }
      return !ended;
    }
  }

  /** The point of no return: true exactly if nobody has cut this send and nobody can any more. */
  synchronized boolean passDot() {
    if (ended) {
      return false;
    }
    enter(SmtpPhase.DOT);
    return true;
  }

  /** Called before a reply is read. */
  void awaiting() {
    listener.awaiting(phase()); // without the lock: a listener that blocks must not hold up a cut
    synchronized (this) {
      waits = phase.compareTo(SmtpPhase.MAIL) >= 0; // before that the socket's own timeout holds
      waitsSince = System.nanoTime();
    }
  }

  synchronized SmtpPhase phase() {
    return phase;
  }

  /**
   * Called when a reply has been read. From MAIL on only the first reply of a phase counts, since
   * Angus sends RSET after a failure and reads that reply, too.
   *
   * @param reply its code, or -1 if there was none, or none that is SMTP
   */
  void answered(int reply, String line) {
    synchronized (this) {
      waits = false;
      if (answered && phase.compareTo(SmtpPhase.MAIL) >= 0) {
        return;
      }
      answered = true;
      code = Math.max(reply, 0);
      text = line;
    }
    listener.answered(phase(), Math.max(reply, 0));
  }

  /** What was thrown, for the row and for the log, unless a reply says more. */
  synchronized void failed(Throwable thrown) {
    Throwable root = overdue ? new SocketTimeoutException("Read timed out") : thrown;
    for (int depth = 0; depth < 10; depth++) { // a chain may be a ring
      timedOut |= root instanceof SocketTimeoutException;
      Throwable next =
          root instanceof MessagingException m && m.getNextException() != null
              ? m.getNextException()
              : root.getCause();
      if (next == null) {
        break;
      }
      root = next;
    }
    boolean noSmtp = answered && code == 0 && !text.equals(END);
    Duration waited = phase == SmtpPhase.DOT ? dotTimeout : timeout;
    reason = noSmtp ? "answer is no SMTP" : FailureReason.ofThrown(phase, code, root, waited);
    if (!noSmtp && !replyTells()) {
      text = FailureReason.detail(root);
    }
    if (notSent == null && phase != SmtpPhase.DOT && Thread.currentThread().isInterrupted()) {
      notSent = "interrupted"; // an interrupt closes the socket that a virtual thread reads from
    }
  }

  /** Ends the send if its final dot is not out. */
  void cut() {
    end("cut off by the stop", null, false);
  }

  /** Ends the send even if it waits for the answer to its final dot. */
  void cutAll() {
    end("cut off by the stop", null, true);
  }

  /**
   * Ends the send if a reply or the whole takes too long: it is the server's trouble, or unknown
   * after the final dot.
   *
   * @param now by System.nanoTime()
   * @return how many nanoseconds are left
   */
  long sweep(long now) {
    Duration whole = timeout.multipliedBy(3);
    long left;
    boolean dot; // if it passes its final dot now, it gets the time for that
    synchronized (this) {
      dot = phase == SmtpPhase.DOT;
      long leftOfWhole = (dot ? whole.plus(dotTimeout) : whole).toNanos() - (now - began);
      long leftOfReply = (dot ? dotTimeout : timeout).toNanos() - (now - waitsSince);
      overdue |= waits && leftOfReply <= 0;
      left = waits ? Math.min(leftOfReply, leftOfWhole) : leftOfWhole;
    }
    if (left <= 0) {
      end(null, overdue ? null : whole, dot);
    }
    return left;
  }

  private void end(@Nullable String reason, @Nullable Duration allowed, boolean evenAfterDot) {
    Socket open;
    synchronized (this) {
      if (phase == SmtpPhase.DOT && !evenAfterDot) {
        return;
      }
      ended = true;
      expired = allowed;
      if (notSent == null) {
        notSent = reason;
      }
      open = socket;
    }
    // The socket itself, since the transport's close() would wait for the monitor that the sending
    // thread holds.
    ReplyLimitedSocket.closeQuietly(open);
  }

  synchronized boolean dotPassed() {
    return phase == SmtpPhase.DOT;
  }

  /**
   * True if this kept connection is used up: the server had closed it, or says in some phase that
   * it won't go on (RFC 5321 has 421 for that, and servers use any 4xx). That is no trouble: the
   * send is tried once more, on a new connection.
   */
  synchronized boolean connectionUsedUp() {
    if (ended || notSent != null) {
      return false;
    }
    boolean lost = code == 0 && !timedOut && phase != SmtpPhase.DOT;
    return lost || (code / 100 == 4 && failure().fault() == Fault.SERVER);
  }

  /**
   * True if the server has refused this e-mail, for now or for good, and the connection is good.
   */
  boolean rejected() {
    SendOutcome outcome = outcome();
    return outcome instanceof SendOutcome.Refused || outcome instanceof SendOutcome.Deferred;
  }

  synchronized SendOutcome outcome() {
    if (code / 100 == 4 || code / 100 == 5) {
      SmtpFailure failure = failure();
      if (failure.fault() != Fault.RECIPIENT) {
        return new SendOutcome.ServerTrouble(failure);
      }
      return code / 100 == 5 ? new SendOutcome.Refused(failure) : new SendOutcome.Deferred(failure);
    }
    if (phase == SmtpPhase.DOT) {
      return code / 100 == 2 ? new SendOutcome.Sent() : new SendOutcome.Unknown(failure());
    }
    return notSent != null
        ? new SendOutcome.NotSent(notSent)
        : new SendOutcome.ServerTrouble(failure());
  }

  synchronized SmtpFailure failure() {
    return SmtpFailure.of(phase, code, text, reason());
  }

  /** The send ends as it did at an earlier address of the server, which had let it come further. */
  synchronized void endAsAt(SmtpFailure earlier) {
    enter(earlier.phase());
    answered = earlier.code() > 0;
    code = earlier.code();
    text = earlier.detail();
  }

  /**
   * Whether the reply is what the send failed with. Otherwise it is what java has thrown: there was
   * no reply, or it was welcome, and then TLS failed, or EHLO did not name STARTTLS.
   */
  private boolean replyTells() {
    boolean welcomeElsewhere = phase == SmtpPhase.GREETING || phase.compareTo(SmtpPhase.MAIL) >= 0;
    return code >= 400 || (code > 0 && welcomeElsewhere);
  }

  private String reason() {
    if (replyTells()) {
      return FailureReason.ofReply(phase, code, SmtpFailure.of(phase, code, text, "").fault());
    }
    if (notSent != null) {
      return notSent;
    }
    return expired == null ? reason : "not finished within " + FailureReason.words(expired);
  }
}
