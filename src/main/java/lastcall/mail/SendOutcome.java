package lastcall.mail;

import java.time.Duration;

/** How one try to send one e-mail ended. */
public sealed interface SendOutcome {
  /** The server answered 2xx to the final dot: the e-mail is its responsibility now. */
  record Sent() implements SendOutcome {}

  /** 5xx about this recipient or this text: trying again would not help. */
  record Refused(SmtpFailure failure) implements SendOutcome {}

  /** 4xx about this recipient or this text: not sent, try later, counts as an attempt. */
  record Deferred(SmtpFailure failure) implements SendOutcome {}

  /** Not sent, and it is not this e-mail's fault; see {@link Fault}. */
  record ServerTrouble(SmtpFailure failure) implements SendOutcome {}

  /** The final dot went out and no answer came: the server may or may not have taken it. */
  record Unknown(SmtpFailure failure) implements SendOutcome {}

  /**
   * Ended by us before the final dot: cut off by the stop, the lease had run out, or the kind of
   * e-mail is not known here.
   *
   * @param again how long it waits
   */
  record NotSent(String reason, Duration again) implements SendOutcome {
    public NotSent(String reason) {
      this(reason, Duration.ZERO);
    }
  }

  /** A fault of the program: something unexpected was thrown. Counts as an attempt. */
  record Failed(Throwable thrown) implements SendOutcome {}

  /** For metrics and events. */
  default String word() {
    return switch (this) {
      case Sent sent -> "sent";
      case Refused refused -> "refused";
      case Deferred deferred -> "deferred";
      case ServerTrouble trouble -> "server_trouble";
      case Unknown unknown -> "unknown";
      case NotSent notSent -> "not_sent";
      case Failed failed -> "failed";
    };
  }
}
