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
 * How far one send has come, shared by the thread that sends and those that may cut it off. One
 * lock orders them: either the cut comes first and no final dot goes out, or the dot does and the
 * send is left to its answer. No I/O happens under that lock.
 */
final class SendProgress {
  private static final String END = "[EOF]"; // Angus's word for a connection that was closed

  private final BooleanSupplier mayGoOn;
  private final SmtpListener listener;
  private final Duration timeout;
  private SmtpPhase phase = SmtpPhase.CONNECT;
  private boolean answered;
  private int code; // of the phase's reply, 0 while there is none
  private String text = "";
  private String reason = "connection lost"; // unless failed() or the code says otherwise
  private boolean timedOut;
  private boolean expired;
  private boolean ended; // no socket may be attached and no dot sent any more
  private @Nullable String notSent; // why, if it was us who ended it
  private @Nullable Socket socket;

  /**
   * @param timeout smtp.timeout, for the reason of a failure
   */
  SendProgress(BooleanSupplier mayGoOn, SmtpListener listener, Duration timeout) {
    this.mayGoOn = mayGoOn;
    this.listener = listener;
    this.timeout = timeout;
  }

  /** From here on a cut closes this socket. Closed at once if the cut has come before. */
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
   * From here on no cut reaches the socket. Returns false if one has ended this send: the thread
   * that cuts closes the socket outside the lock, maybe only later, and if the connection were kept
   * it would hit the connection's next send, after whose final dot nobody knows what became of it.
   */
  synchronized boolean detach() {
    socket = null;
    return !ended;
  }

  synchronized void enter(SmtpPhase next) {
    phase = next;
    answered = false;
    code = 0;
    text = "";
    timedOut = false;
  }

  /** Asks the caller, outside the lock since it may take its time. */
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

  /** A reply is read next. */
  void awaiting() {
    listener.awaiting(phase()); // outside the lock, as below
  }

  private synchronized SmtpPhase phase() {
    return phase;
  }

  /**
   * A reply has been read; -1 stands for none or nonsense. From MAIL on the first one of a phase
   * counts: Angus sends RSET after a failure and reads that reply too.
   */
  void answered(int reply, String line) {
    synchronized (this) {
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
    Throwable root = thrown;
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
    reason = noSmtp ? "answer is no SMTP" : FailureReason.ofThrown(phase, code, root, timeout);
    if (code == 0) {
      text = root.getClass().getSimpleName() + ": " + root.getMessage();
    }
    if (notSent == null && phase != SmtpPhase.DOT && Thread.currentThread().isInterrupted()) {
      notSent = "interrupted"; // on a virtual thread that has closed the socket
    }
  }

  /** Ends the send if its final dot is not out. */
  void cut() {
    end("cut off by the stop", false);
  }

  /** Ends the send whatever it waits for. */
  void cutAll() {
    end("cut off by the stop", true);
  }

  /** Its time is up: the server's fault, and unknown after the dot. */
  void expire() {
    synchronized (this) {
      expired = true;
    }
    end(null, true);
  }

  private void end(@Nullable String reason, boolean evenAfterDot) {
    Socket open;
    synchronized (this) {
      if (phase == SmtpPhase.DOT && !evenAfterDot) {
        return;
      }
      ended = true;
      if (notSent == null) {
        notSent = reason;
      }
      open = socket;
    }
    closeQuietly(open); // the raw one: a transport's own close() waits for the sender's monitor
  }

  static void closeQuietly(@Nullable Socket socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // it is given up in any case, and there is nobody who could do more
    }
  }

  synchronized boolean dotPassed() {
    return phase == SmtpPhase.DOT;
  }

  /** The server had given this kept connection up, which says nothing about a new one. */
  synchronized boolean connectionWasStale() {
    boolean lost = code == 0 && !timedOut;
    return phase.compareTo(SmtpPhase.MAIL) <= 0
        && (lost || code == 421)
        && !ended
        && notSent == null;
  }

  /** The server has refused this e-mail, for now or for good, and not the connection. */
  boolean rejected() {
    SendOutcome outcome = outcome();
    return outcome instanceof SendOutcome.Refused || outcome instanceof SendOutcome.Deferred;
  }

  synchronized SendOutcome outcome() {
    if (code == 421 || code == 530 || code == 535 || code == 538) {
      return new SendOutcome.ServerTrouble(failure()); // wherever they come
    }
    boolean aboutThisMail = phase.compareTo(SmtpPhase.RCPT) >= 0;
    if (aboutThisMail && code / 100 == 5) {
      return new SendOutcome.Refused(failure());
    }
    if (aboutThisMail && code / 100 == 4) {
      return new SendOutcome.Deferred(failure());
    }
    if (phase == SmtpPhase.DOT) {
      return code / 100 == 2 ? new SendOutcome.Sent() : new SendOutcome.Unknown(failure());
    }
    return notSent != null
        ? new SendOutcome.NotSent(notSent)
        : new SendOutcome.ServerTrouble(failure());
  }

  private SmtpFailure failure() {
    return SmtpFailure.of(phase, code, text, reason());
  }

  private String reason() {
    // Before MAIL a reply may be welcome, and yet not what we need: EHLO without STARTTLS.
    if (code >= 400 || (code > 0 && phase.compareTo(SmtpPhase.MAIL) >= 0)) {
      return FailureReason.ofReply(phase, code);
    }
    if (notSent != null) {
      return notSent;
    }
    return expired ? "not finished within " + FailureReason.words(timeout.multipliedBy(3)) : reason;
  }
}
