package lastcall.mail;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;

/**
 * Why a send failed, in words for the log. They are made of reply codes and of the types of
 * exceptions, and never of a reply's text, which may hold an address.
 */
final class FailureReason {
  private FailureReason() {}

  static String ofReply(SmtpPhase phase, int code) {
    if (code / 100 != 4 && code / 100 != 5) {
      return code + " unexpected";
    }
    return code
        + switch (code) {
          case 421 -> " closing";
          case 530 -> " login required";
          case 535 -> " login refused";
          case 538 -> " encryption required";
          default ->
              switch (phase) {
                case CONNECT, GREETING -> " in place of a greeting";
                case EHLO -> " EHLO refused";
                case STARTTLS -> " STARTTLS refused";
                case AUTH -> " login refused";
                case MAIL -> " sender refused";
                case RCPT -> " recipient refused";
                case DATA, DOT -> " e-mail refused";
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
      case UnknownHostException e -> "unknown host";
      case SocketTimeoutException e ->
          phase == SmtpPhase.CONNECT
              ? "connection timed out"
              : "no answer within " + words(timeout);
      // As the system says it: "Connection refused", "No route to host"; a JDK may add more in ( ).
      case SocketException e when phase == SmtpPhase.CONNECT ->
          String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).replaceFirst(" \\(.*", "");
      case SocketException e -> "connection lost";
      case CertificateExpiredException e -> "certificate expired";
      case CertificateException e when e.getClass() == CertificateException.class ->
          "certificate for another host"; // its subclasses are about the certificate itself
      case GeneralSecurityException e -> "certificate not trusted";
      case SSLException e -> "TLS handshake failed";
      case AuthenticationFailedException e ->
          phase == SmtpPhase.AUTH ? "login refused" : "no AUTH mechanism in common";
      case MessagingException e ->
          switch (phase) { // what the server offers is found out here, before it is asked for it
            case EHLO -> code > 0 ? "STARTTLS not offered" : "connection lost";
            case AUTH -> "AUTH not offered";
            case CONNECT, GREETING, STARTTLS, MAIL, RCPT, DATA, DOT -> "connection lost";
          };
      default -> root.getClass().getSimpleName();
    };
  }

  static String words(Duration time) {
    long millis = time.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
