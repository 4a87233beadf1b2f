package lastcall.mail;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Why a send failed, in words for log and row. They are made of reply codes and of what java has
 * thrown, and never of a reply's text, which may hold an address.
 */
final class FailureReason {
  private static final Pattern NAME = Pattern.compile("matching (?:IP address )?(\\S+) found");
  private static final Pattern ALERT = Pattern.compile("fatal alert: (\\w+)");

  private FailureReason() {}

  /**
   * @param fault whose the reply tells of
   */
  static String ofReply(SmtpPhase phase, int code, Fault fault) {
    if (code / 100 != 4 && code / 100 != 5) {
      return code + " unexpected";
    }
    boolean any = fault == Fault.SERVER && phase.compareTo(SmtpPhase.RCPT) >= 0;
    return code
        + switch (code) {
          case 421 -> " closing";
          case 530 -> " login required";
          case 535 -> " login refused";
          case 538 -> " encryption required";
          default ->
              switch (phase) {
                case CONNECT, GREETING -> " in place of a greeting";
                case EHLO -> " EHLO refused (smtp.helo sets the name in it)";
                case STARTTLS -> " STARTTLS refused";
                case AUTH -> " login refused";
                case MAIL -> code < 500 ? " refused at MAIL FROM" : " sender refused";
                case RCPT -> any ? " refused, whoever the recipient is" : " recipient refused";
                case DATA, DOT -> any ? " refused, whoever the recipient is" : " e-mail refused";
              };
        };
  }

  /**
   * @param code of the phase's reply, 0 while there is none
   * @param root the exception at the end of the chain
   * @param timeout smtp.timeout
   */
  static String ofThrown(SmtpPhase phase, int code, Throwable root, Duration timeout) {
    return switch (root) {
      case KnownFailure e -> String.valueOf(e.getMessage());
      case SocketTimeoutException e ->
          phase == SmtpPhase.CONNECT
              ? "connection timed out"
              : "no answer within " + words(timeout);
      // As the system says it: "Connection refused", "No route to host"; a JDK may add more in ( ).
      case SocketException e when phase == SmtpPhase.CONNECT && e.getMessage() != null ->
          e.getMessage().toLowerCase(Locale.ROOT).replaceFirst(" \\(.*", "");
      case SocketException e -> "connection lost";
      case EOFException e -> "connection lost";
      case CertificateExpiredException e -> dated("certificate expired", e);
      case CertificateNotYetValidException e -> dated("certificate not valid yet", e);
      case CertificateException e when e.getClass() == CertificateException.class ->
          ofName(e); // its subclasses are about the certificate itself
      case GeneralSecurityException e -> "certificate not trusted";
      case SSLException e -> ofTls(String.valueOf(e.getMessage()));
      case AuthenticationFailedException e -> "login refused";
      case MessagingException e ->
          // What the server offers is found out in this phase, before it is asked for it.
          phase == SmtpPhase.EHLO && code > 0
              ? "STARTTLS is required but not offered"
              : "connection lost";
      default -> root.getClass().getSimpleName();
    };
  }

  /** The message is java's "NotAfter: DATE" or "NotBefore: DATE". */
  private static String dated(String reason, CertificateException e) {
    return reason + " (" + e.getMessage() + ")";
  }

  /** java's message ends "matching NAME found", and NAME is the smtp.host that we had asked for. */
  private static String ofName(CertificateException e) {
    Matcher name = NAME.matcher(String.valueOf(e.getMessage()));
    return "certificate is not for " + (name.find() ? name.group(1) : "this host");
  }

  private static String ofTls(String message) {
    if (message.contains("unrecognized SSL message")) {
      return "the server speaks no TLS on this port (smtp.tls=starttls?)";
    }
    if (message.matches(".*protocol[_ ]version.*")) {
      return "no TLS version in common";
    }
    Matcher alert = ALERT.matcher(message);
    return "TLS handshake failed" + (alert.find() ? ": " + alert.group(1) : "");
  }

  /**
   * What java adds to the reason, for the row: of a failure that has no words of its own here, and
   * of TLS, where it names what the certificate lacks.
   */
  static String detail(Throwable root) {
    return switch (root) {
      case KnownFailure e -> e.detail();
      case SocketException e -> "";
      case SocketTimeoutException e -> "";
      case EOFException e -> "";
      case MessagingException e -> "";
      default -> Objects.requireNonNullElse(root.getMessage(), "");
    };
  }

  static String words(Duration time) {
    long millis = time.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
